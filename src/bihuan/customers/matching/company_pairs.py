"""Weigh pairs of companies: Splink compares, the file itself shows how much each agreement is worth, guards veto."""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from .company_records import with_keys
from .decide import Contradicts, Weighed
from .engine import weigh
from .profiles import COMPANY, COMPANY_LEVELS, NAME_BELIEFS, company_settings, level_beliefs

# Beliefs weigh as much as so many pairs against what a file shows.
_BELIEF = 200.0
_NUMERALS = frozenset("0123456789一二三四五六七八九十")
_SIDES = frozenset("东西南北")
_DIFFERENT_NAME = len(COMPANY_LEVELS["name"])
_SLIPS = frozenset((2, 5, 6, 7, 8, 9))
_TWO_SLIPS = 8
type Numbers = np.ndarray[Any, Any]


def _slips(left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.Array:
    """Characters to mend between two texts, 3 for three and more. DuckDB's own distances would count bytes."""
    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return pa.array([OSA.distance(a, b, score_cutoff=2) for a, b in pairs], pa.int32())


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    con.create_function("slips", _slips, ["VARCHAR", "VARCHAR"], "INTEGER", type=PythonUDFType.ARROW)


def learn(
    patterns: Numbers, counts: Numbers, m: list[Numbers], u: list[Numbers], rounds: int = 2000
) -> tuple[float, list[Numbers], list[Numbers]]:
    """Expectation maximisation over patterns of agreement, held to beliefs by pseudo-counts.

    patterns: (patterns × comparisons) level numbers, -1 where a value is missing; counts: pairs per pattern;
    m, u: beliefs per comparison and level. Returns the share of true pairs, m and u (Fellegi and Sunter 1969;
    maximum a posteriori with Dirichlet beliefs, so that a small file leaves them nearly as they are).
    """
    believed_m, believed_u, share = m, u, 0.5
    previous: Numbers | None = None
    for _ in range(rounds):
        odds = np.full(len(counts), np.log(share / (1 - share)))
        for at in range(patterns.shape[1]):
            known = patterns[:, at] >= 0
            odds[known] += (np.log(m[at]) - np.log(u[at]))[patterns[known, at]]
        true = counts / (1 + np.exp(-odds))
        share = float((true.sum() + _BELIEF / 2) / (counts.sum() + _BELIEF))
        if previous is not None and np.abs(true - previous).max(initial=0.0) < 1e-3:
            break
        previous = true
        m, u = [], []
        for at, (first_m, first_u) in enumerate(zip(believed_m, believed_u, strict=True)):
            known = patterns[:, at] >= 0
            for weights, first, learnt in ((true, first_m, m), (counts - true, first_u, u)):
                seen = np.bincount(patterns[known, at], weights=weights[known], minlength=len(first))
                learnt.append((seen + first * _BELIEF) / (seen.sum() + _BELIEF))
    return share, m, u


def _levels(found: pa.Table, name: str) -> Numbers:
    """Level numbers out of Splink's weights (each level of a comparison has a weight of its own), -1 for missing."""
    m, u = level_beliefs(name)
    weights = found[f"mw_{name}"].to_numpy()
    at: Numbers = np.abs(weights[:, None] - np.log2(np.array(m) / np.array(u))[None, :]).argmin(axis=1)
    at[weights == 0.0] = -1
    return at


def _components(a: Numbers, b: Numbers, size: int) -> Numbers:
    """For each record, the smallest record that it is joined to by the given pairs."""
    name = np.arange(size)
    while True:
        least = np.minimum(name[a], name[b])
        new = name.copy()
        np.minimum.at(new, a, least)
        np.minimum.at(new, b, least)
        new = new[new]
        if (new == name).all():
            return name
        name = new


def _borrowed_conflict(a: Numbers, b: Numbers, entity: Numbers, values: list[str | None]) -> Numbers:
    """Whether the entities of two records are known to hold different values."""
    known: dict[int, str] = {}
    for record, value in enumerate(values):
        if value and len(value) > len(known.get(int(entity[record]), "")):
            known[int(entity[record])] = value
    numbers = {value: at for at, value in enumerate(sorted(set(known.values())))}
    held = np.full(len(entity), -1)
    for name, value in known.items():
        held[name] = numbers[value]
    left, right = held[entity[a]], held[entity[b]]
    conflict: Numbers = (left >= 0) & (right >= 0) & (left != right)
    return conflict


def _rivalled(a: Numbers, b: Numbers, name_level: Numbers, eligible: Numbers, entity: Numbers) -> Numbers:
    """Whether either record meets a third, as near in name or nearer, that nothing rules out and that is not the other.

    entity: records that are surely one have the same number; they are not each other's rivals.
    """
    rivalled = np.zeros(len(a), bool)
    size = np.int64(len(entity))
    record, partner = np.concatenate([a, b]).astype(np.int64), entity[np.concatenate([b, a])]
    twice_level, twice_eligible = np.tile(name_level, 2), np.tile(eligible, 2) & (entity[record] != partner)
    for level in range(_DIFFERENT_NAME):
        near = twice_eligible & (twice_level <= level)
        met = np.bincount(np.unique(record[near] * size + partner[near]) // size, minlength=size)
        here = name_level == level
        own = (eligible & (entity[a] != entity[b]))[here]
        rivalled[here] = np.maximum(met[a[here]], met[b[here]]) > own
    return rivalled


def _differs_by_rank(a: str, b: str) -> bool:
    """Whether what differs is a number or a side of the compass: 第一化工 and 第二化工, 东方 and 西方."""
    return any(
        edit.tag == "replace"
        and any(a[edit.src_pos] in kind and b[edit.dest_pos] in kind for kind in (_NUMERALS, _SIDES))
        for edit in Levenshtein.editops(a, b)
    )


def weigh_companies(tables: list[pa.Table]) -> list[Weighed]:
    """All pairs worth a look, with what may be merged and what is vetoed."""
    keyed = with_keys(tables)
    present = {
        name
        for name in tables[0].column_names
        if any(table[name].null_count < table.num_rows for table in tables)
    }
    settings, names = company_settings("link_only" if len(tables) > 1 else "dedupe_only", present)
    found = weigh(keyed, settings, least=0.0, sample=False, prepare=_prepare)
    return _judge(found, pa.concat_tables(tables), names) if found.num_rows else []


def contradiction(everyone: pa.Table) -> Contradicts:
    """Whether two companies cannot be one: other credit codes, places, branches or lines of business."""
    rows = list(
        zip(
            *(everyone[name].to_pylist() for name in ("code", "place", "branch", "stem", "business")),
            strict=True,
        )
    )

    def contradicts(a: int, b: int) -> bool:
        code, place, branch, stem, business = rows[a]
        other_code, other_place, other_branch, other_stem, other_business = rows[b]
        if code and other_code:
            return bool(code != other_code)
        if place and other_place and place != other_place:
            return True
        return bool(
            branch != other_branch
            or (business and other_business and business != other_business and stem == other_stem)
        )

    return contradicts


def _stem_lengths(a: Numbers, b: Numbers, everyone: pa.Table) -> Numbers:
    """The shorter trade name's class: 0 for two characters or where no line of business tells its end, 1 for three, 2 for
    four and more."""
    rows = zip(everyone["stem"].to_pylist(), everyone["business"].to_pylist(), strict=True)
    lengths = np.array([len(stem or "") if business else 99 for stem, business in rows])
    shorter = np.minimum(lengths[a], lengths[b])
    classes: Numbers = np.where(shorter == 99, 0, np.clip(shorter, 2, 4) - 2)
    return classes


def _judge(found: pa.Table, everyone: pa.Table, names: list[str]) -> list[Weighed]:
    a, b = found["unique_id_l"].to_numpy(), found["unique_id_r"].to_numpy()
    text: dict[str, Any] = {
        name: np.array([value or "" for value in everyone[name].to_pylist()], dtype=object)
        for name in ("branch", "business", "stem", "core", "full_sound")
    }
    level = {name: _levels(found, name) for name in names}
    nowhere = np.full(found.num_rows, -1)
    code, name_level, place = (
        level.get("code", nowhere),
        level.get("name", nowhere),
        level.get("place", nowhere),
    )
    name_level = np.where(name_level < 0, _DIFFERENT_NAME, name_level)
    branch = text["branch"][a] != text["branch"][b]
    business = (
        (text["business"][a] != "")
        & (text["business"][b] != "")
        & (text["business"][a] != text["business"][b])
    )
    business &= text["stem"][a] == text["stem"][b]
    vetoed = branch | business | (code == 1) | ((place >= 1) & (code != 0))
    sure = ~vetoed & (((code == 0) & (name_level < _DIFFERENT_NAME)) | ((name_level == 0) & (place == 0)))
    entity = _components(a[sure], b[sure], everyone.num_rows)
    # A record that surely belongs to a company elsewhere, or with another code, is taken.
    elsewhere = _borrowed_conflict(a, b, entity, everyone["place"].to_pylist()) & (place < 1)
    elsewhere |= _borrowed_conflict(a, b, entity, everyone["code"].to_pylist()) & (code != 1)
    vetoed |= elsewhere & (code != 0)
    rivalled = _rivalled(a, b, name_level, ~vetoed, entity) | elsewhere
    # Name, place, rivals and length together say one thing; the identifiers and the form say others.
    together = (name_level * 4 + np.where(place < 0, 3, place)) * 2 + rivalled
    stem_length = _stem_lengths(a, b, everyone)
    together = together * 3 + stem_length
    others = [name for name in names if name not in ("name", "place")]
    levels = np.stack([together, *(level[name] for name in others)], axis=1)
    beliefs = [NAME_BELIEFS, *(level_beliefs(name) for name in others)]
    m, u = [np.array(x[0]) for x in beliefs], [np.array(x[1]) for x in beliefs]
    # What the file shows is learnt where names met; the other candidates are there for their credit code only.
    learning = ~(branch | business | (name_level == _DIFFERENT_NAME))
    distinct, counts = np.unique(levels[learning], axis=0, return_counts=True)
    share, m, u = learn(distinct, counts.astype(float), m, u)
    weight = np.full(found.num_rows, np.log2(share / (1 - share)))
    for at in range(levels.shape[1]):
        known = levels[:, at] >= 0
        weight[known] += (np.log2(m[at]) - np.log2(u[at]))[levels[known, at]]
    probability = 1 / (1 + np.exp2(-weight))
    # Two slips in a name, or another character in a short one or one without a place, need something beside that agrees.
    beside = np.zeros(found.num_rows, bool)
    for name in ("code", "phone", "address", "contact", "email"):
        beside |= level.get(name, nowhere) == 0
    loose = name_level >= _TWO_SLIPS
    loose |= (name_level == _TWO_SLIPS - 2) & ((place < 0) | (stem_length == 0))
    proposed = (
        ~vetoed & (probability >= COMPANY.threshold) & (~loose | beside) & (name_level < _DIFFERENT_NAME)
    )
    # One credit code is one legal person, unless the names have nothing in common and the code was mistyped.
    same_code = (code == 0) & ~vetoed
    for at in map(int, np.flatnonzero(same_code & (name_level == _DIFFERENT_NAME))):
        same_code[at] = fuzz.ratio(text["full_sound"][a[at]], text["full_sound"][b[at]]) >= 50
    proposed |= same_code
    probability = np.where(same_code, np.maximum(probability, 0.99), probability)
    shown = (probability >= COMPANY.review) & (~vetoed | (code == 0))
    weighed = []
    for at in map(int, np.flatnonzero(shown | (vetoed & (name_level <= 1)))):
        left, right = int(a[at]), int(b[at])
        may = bool(proposed[at])
        if (
            may
            and name_level[at] in _SLIPS
            and code[at] != 0
            and _differs_by_rank(text["core"][left], text["core"][right])
        ):
            may = False
        weighed.append(
            Weighed(
                left,
                right,
                float(probability[at]),
                float(weight[at]),
                may,
                bool(vetoed[at]),
                bool(code[at] == 0),
            )
        )
    return weighed
