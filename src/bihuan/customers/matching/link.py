"""Which records of two files, or of one, are the same person or company.

`link` and `dedupe` take files or tables (columns of text) and give pairs under the records' own ids. Every pair
worth a look comes with its probability; `merge` is true only where weight and guards leave no doubt.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from .decide import Contradicts, Decided, Weighed, deduplicated, one_to_one
from .profiles import PROFILES
from .records import Table, read_table


class PairResult(NamedTuple):
    """Two records by their ids, how probable it is that they are one, and whether they should be merged."""

    a: str
    b: str
    probability: float
    merge: bool


def _table(source: Path | str | Table) -> Table:
    return read_table(Path(source)) if isinstance(source, str | Path) else source


def link(
    a: Path | str | Table, b: Path | str | Table, profile: str, mapping: Mapping[str, str] | None = None
) -> Iterator[PairResult]:
    """Pairs (record of a, record of b), strongest first; a record is in at most one merge.

    profile: "person" or "company". mapping: role to column header, where the guess from the headers
    is wrong; it may name columns of either file.
    Raises UnknownColumn, and OSError for files that cannot be read.
    """
    first, second = _table(a), _table(b)
    left, left_ids = _records(first, profile, _fitting(mapping, first, second), 0)
    right, right_ids = _records(second, profile, _fitting(mapping, second, first), left.num_rows)
    ids = left_ids + right_ids
    weighed = (
        pair if pair.a < pair.b else pair._replace(a=pair.b, b=pair.a)
        for pair in _weigh([left, right], profile)
    )
    yield from _named(one_to_one(weighed), ids)


def dedupe(
    a: Path | str | Table,
    profile: str,
    mapping: Mapping[str, str] | None = None,
    apart: Iterable[tuple[str, str]] = (),
) -> Iterator[PairResult]:
    """Pairs within one file. Merges are whole: where a is b and b is c, the pair of a and c is given too.

    `apart`: pairs of ids of which it is known that they are two.
    """
    records, ids = _records(_table(a), profile, mapping, 0)
    number = {name: at for at, name in enumerate(ids)}
    known = {(number[x], number[y]) for x, y in apart if x in number and y in number}
    known |= {(y, x) for x, y in known}
    rules_out: Contradicts = _always_fits
    if profile == "company":
        from .company_pairs import contradiction

        rules_out = contradiction(records)
    weighed = [
        pair._replace(proposed=False, vetoed=True) if (pair.a, pair.b) in known else pair
        for pair in _weigh([records], profile)
    ]
    decided = deduplicated(weighed, lambda x, y: (x, y) in known or rules_out(x, y))
    yield from _named((pair for pair in decided if (pair.a, pair.b) not in known), ids)


def _fitting(mapping: Mapping[str, str] | None, table: Table, other: Table) -> dict[str, str]:
    """The part of a mapping that speaks of this table: two files may name their columns differently."""
    return {
        role: header for role, header in (mapping or {}).items() if header in table or header not in other
    }


def _always_fits(_a: int, _b: int) -> bool:
    return False


def _named(decided: Iterator[Decided], ids: list[str]) -> Iterator[PairResult]:
    for pair in decided:
        yield PairResult(ids[pair.a], ids[pair.b], round(pair.probability, 6), pair.merge)


def _records(
    table: Table, profile: str, mapping: Mapping[str, str] | None, first_id: int
) -> tuple[pa.Table, list[str]]:
    if profile == "person":
        from .records import person_records

        return person_records(table, mapping, first_id)
    if profile == "company":
        from .company_records import company_records

        return company_records(table, mapping, first_id)
    raise ValueError(f"{profile}: the profiles are {', '.join(PROFILES)}")


def _weigh(tables: list[pa.Table], profile: str) -> list[Weighed]:
    if any(table.num_rows == 0 for table in tables) or sum(table.num_rows for table in tables) < 2:
        return []
    if profile == "person":
        return _weigh_persons(tables)
    from .company_pairs import weigh_companies

    return weigh_companies(tables)


def _weigh_persons(tables: list[pa.Table]) -> list[Weighed]:
    from .engine import weigh
    from .person_guard import person_guard
    from .profiles import PERSON, PERSON_COLUMNS, person_settings

    sizes = [table.num_rows for table in tables]
    present = {
        name for name in PERSON_COLUMNS if any(table[name].null_count < table.num_rows for table in tables)
    }
    share = 0.5 / max(sizes) if len(sizes) > 1 else 0.4 / sizes[0]
    link_type = "link_only" if len(tables) > 1 else "dedupe_only"
    found = weigh(
        tables, person_settings(link_type, present, share), least=PERSON.review, sample=sum(sizes) >= 1000
    )
    everyone = pa.concat_tables(tables)
    rows = everyone.select(list(PERSON_COLUMNS)).to_pylist()
    weighed = []
    for a, b, probability, weight in zip(
        found["unique_id_l"].to_pylist(), found["unique_id_r"].to_pylist(),
        found["match_probability"].to_pylist(), found["match_weight"].to_pylist(), strict=True,
    ):  # fmt: skip
        allowed, vetoed = person_guard(rows[a], rows[b])
        weighed.append(
            Weighed(a, b, probability, weight, probability >= PERSON.threshold and allowed, vetoed)
        )
    return weighed
