"""The two profiles, as Splink settings: what is blocked on, what is compared, and what is believed beforehand.

The probabilities written here are beliefs about slips of the pen, not figures of any file: a field is typed alike in most
true pairs, spoilt in some, wholly different in few. Training moves them where a file holds enough evidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on
from splink.internals.blocking_rule_library import CustomRule

type Level = tuple[str, float, float, str]  # condition, m, u, column of term frequencies ("" for none)


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of record: how it is compared and where the line is drawn.

    threshold  the least probability at which a pair may be merged; the guards have the last word
    review     the least probability at which a pair is shown at all
    """

    name: str
    threshold: float
    review: float


PERSON = Profile("person", threshold=0.9999, review=0.5)
COMPANY = Profile("company", threshold=0.97, review=0.3)
PROFILES = {"person": PERSON, "company": COMPANY}


def _comparison(
    name: str, present: str, levels: Iterable[Level], rest: tuple[float, float]
) -> cl.CustomComparison:
    made: list[Any] = [
        cll.CustomLevel(f"{present}_l IS NULL OR {present}_r IS NULL", "missing").configure(
            is_null_level=True
        )
    ]
    for condition, m, u, frequencies in levels:
        level = cll.CustomLevel(condition, condition).configure(m_probability=m, u_probability=u)
        if frequencies:
            level.configure(
                tf_adjustment_column=frequencies, tf_adjustment_weight=1.0, tf_minimum_u_value=1e-4
            )
        made.append(level)
    made.append(cll.ElseLevel().configure(m_probability=rest[0], u_probability=rest[1]))
    return cl.CustomComparison(output_column_name=name, comparison_levels=made)


def _text(
    name: str, other: str, m: tuple[float, float, float, float, float], u: float
) -> cl.CustomComparison:
    """A name: alike, swapped with another field, one slip, similar, different."""
    return _comparison(
        name,
        name,
        [
            (f"{name}_l = {name}_r", m[0], u, name),
            (f"{name}_l = {other}_r OR {other}_l = {name}_r", m[1], u / 2, ""),
            (f"damerau_levenshtein({name}_l, {name}_r) <= 1 AND length({name}_l) > 3", m[2], u / 4, ""),
            (f"jaro_winkler_similarity({name}_l, {name}_r) >= 0.88", m[3], 0.01, ""),
        ],
        (m[4], 0.97),
    )  # fmt: skip


def _number(name: str, u: float, m: tuple[float, float, float, float]) -> cl.CustomComparison:
    return _comparison(
        name,
        name,
        [
            (f"{name}_l = {name}_r", m[0], u, ""),
            (f"damerau_levenshtein({name}_l, {name}_r) <= 1", m[1], u * 8, ""),
            (f"damerau_levenshtein({name}_l, {name}_r) <= 2", m[2], u * 60, ""),
        ],
        (m[3], max(0.05, 1 - u * 69)),
    )


# The columns of the person table, and which of them each comparison needs.
PERSON_COLUMNS = (
    "given_name", "surname", "birth_date", "national_id", "street_number", "street", "street_2", "suburb", "postcode",
    "state", "phone", "email",
)  # fmt: skip


def person_settings(link_type: str, present: set[str], pairs_share: float) -> SettingsCreator:
    """Settings for persons, of the columns that the records have. `pairs_share`: belief that a random pair is one person."""
    all_comparisons = {
        "given_name": _text("given_name", "surname", (0.72, 0.04, 0.1, 0.05, 0.09), 0.01),
        "surname": _text("surname", "given_name", (0.74, 0.04, 0.1, 0.05, 0.07), 0.01),
        "birth_date": _number("birth_date", 0.0002, (0.86, 0.07, 0.03, 0.04)),
        "national_id": _number("national_id", 1e-6, (0.86, 0.08, 0.02, 0.04)),
        "street_number": _number("street_number", 0.02, (0.78, 0.1, 0.04, 0.08)),
        "street": _text("street", "street_2", (0.66, 0.05, 0.12, 0.07, 0.1), 0.002),
        "street_2": _text("street_2", "street", (0.66, 0.05, 0.12, 0.07, 0.1), 0.004),
        "suburb": _text("suburb", "street_2", (0.7, 0.03, 0.12, 0.05, 0.1), 0.005),
        "postcode": _number("postcode", 0.002, (0.82, 0.08, 0.03, 0.07)),
        "state": _comparison("state", "state", [("state_l = state_r", 0.85, 0.25, "")], (0.15, 0.75)),
        "phone": _number("phone", 1e-4, (0.7, 0.05, 0.02, 0.23)),
        "email": _comparison(
            "email", "email",
            [("email_l = email_r", 0.6, 1e-4, ""),
             ("damerau_levenshtein(email_l, email_r) <= 2", 0.14, 2e-4, ""),
             ("split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", 0.06, 3e-4, "")],
            (0.2, 0.999),
        ),
    }  # fmt: skip
    rules = [
        ("national_id",), ("email",), ("phone",), ("given_name", "surname"), ("birth_date", "given_name"), ("birth_date", "surname"),
        ("birth_date", "postcode"), ("birth_date", "suburb"), ("birth_date", "street_number"), ("surname", "postcode"), ("given_name", "postcode"),
        ("surname", "suburb"), ("given_name", "suburb"), ("street", "street_number"), ("surname", "street"), ("given_name", "street"),
        ("birth_date", "street"), ("postcode", "street"),
    ]  # fmt: skip
    usable = [block_on(*rule) for rule in rules if set(rule) <= present]
    if {"given_name", "surname"} <= present:
        usable.append(CustomRule("l.given_name = r.surname AND l.surname = r.given_name"))
    return SettingsCreator(
        link_type=link_type,
        unique_id_column_name="unique_id",
        comparisons=[all_comparisons[name] for name in PERSON_COLUMNS if name in present],
        blocking_rules_to_generate_predictions=usable,
        probability_two_random_records_match=pairs_share,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


# A slip in the line of business (化公 for 化工) is a slip; one in the trade name may be another firm.
_SAME_STEM = "((business_r IS NOT NULL AND starts_with(core_l, stem_r)) OR (business_l IS NOT NULL AND starts_with(core_r, stem_l)))"
_ONE_SLIP = "(slips(core_l, core_r) <= 1 AND least(length(core_l), length(core_r)) >= 3)"
# 佛据锦种科技 and 佛山锦种科技: only one of the two places is one.
_SLIP_IN_PLACE = (
    "((ends_with(core_l, core_r) OR ends_with(core_r, core_l)) AND core_l <> core_r AND slips(full_sound_l, full_sound_r) <= 1"
    " AND least(length(core_l), length(core_r)) >= 4 AND (place_l IS NULL) <> (place_r IS NULL))"
)
# Two characters in the other order, or one left out: more rarely another firm than one character replaced.
_SAME_SIGNS = "(length(core_l) <> length(core_r) OR list_sort(string_split(core_l, '')) = list_sort(string_split(core_r, '')))"
_ONE_SLIP_IN_SOUND = "(slips(core_sound_l, core_sound_r) <= 1 AND least(length(core_l), length(core_r)) >= 3)"
# What a slip is worth among companies that share a name key. m: how often true pairs look so; u: others.
COMPANY_LEVELS: dict[str, list[Level]] = {
    "name": [
        ("core_l = core_r", 0.58, 0.25, ""),
        (f"core_sound_l = core_sound_r AND {_SAME_STEM}", 0.1, 0.03, ""),
        (f"{_ONE_SLIP} AND {_SAME_STEM}", 0.1, 0.05, ""),
        (_SLIP_IN_PLACE, 0.02, 0.002, ""),
        ("core_sound_l = core_sound_r", 0.07, 0.12, ""),
        (f"{_ONE_SLIP} AND {_SAME_SIGNS}", 0.03, 0.05, ""),
        (f"{_ONE_SLIP}", 0.03, 0.3, ""),
        (f"{_ONE_SLIP_IN_SOUND} AND {_SAME_STEM}", 0.02, 0.025, ""),
        (f"{_ONE_SLIP_IN_SOUND}", 0.02, 0.125, ""),
        (
            "slips(full_sound_l, full_sound_r) <= 1 AND least(length(full_l), length(full_r)) >= 4",
            0.02,
            0.01,
            "",
        ),
    ],
    "place": [
        ("place_l = place_r", 0.95, 0.2, ""),
        ("starts_with(place_l, place_r) OR starts_with(place_r, place_l)", 0.035, 0.15, ""),
    ],
    "code": [("code_l = code_r", 0.985, 0.0005, "")],
    "phone": [("phone_l = phone_r OR (phone_tail_l = phone_tail_r)", 0.55, 0.004, "")],
    "address": [
        ("address_l = address_r", 0.5, 0.003, ""),
        (
            "slips(address_l, address_r) <= 2 AND least(length(address_l), length(address_r)) >= 8",
            0.18,
            0.004,
            "",
        ),
        ("starts_with(address_l, address_r) OR starts_with(address_r, address_l)", 0.07, 0.01, ""),
        (
            "starts_with(address_place_l, address_place_r) OR starts_with(address_place_r, address_place_l)",
            0.15,
            0.25,
            "",
        ),
    ],
    "contact": [("contact_l = contact_r", 0.5, 0.01, "")],
    "email": [("email_l = email_r", 0.5, 0.004, "")],
    "form": [
        ("is_group_l IS DISTINCT FROM is_group_r", 0.06, 0.16, ""),
        ("form_l = form_r", 0.9, 0.74, ""),
    ],
}
# The odds that two companies are one, by how near their names are (levels above, then different) and whether
# their places are equal, one lies in the other, they contradict, or one is missing; less where another record fits as well, more for long trade names.
_NAME_ODDS = (
    (2000.0, 2.0, 0.02, 400.0),  # equal
    (1000.0, 1.0, 0.02, 200.0),  # sounds equal, slip in the line of business
    (300.0, 0.5, 0.02, 60.0),  # one slip, in the line of business
    (300.0, 1.0, 0.05, 200.0),  # slip in the place
    (60.0, 0.3, 0.01, 15.0),  # sounds equal
    (8.0, 0.2, 0.01, 2.0),  # two characters in the other order, or one left out
    (2.0, 0.1, 0.005, 0.4),  # one slip
    (20.0, 0.2, 0.01, 5.0),  # one slip and homophones, in the line of business
    (0.8, 0.05, 0.005, 0.1),  # one slip and homophones
    (2.0, 0.3, 0.05, 0.6),  # one slip between names with their places
    (0.02, 0.005, 0.001, 0.01),  # different
)
_NAME_SHARES = (0.58, 0.1, 0.1, 0.02, 0.07, 0.03, 0.03, 0.02, 0.02, 0.02, 0.01)
_PLACE_SHARES = (0.58, 0.02, 0.01, 0.39)
_RIVALLED = (0.8, 1.0), (0.2, 8.0)
# A slip in a trade name of three characters is rather a slip, in one of four or more nearly always.
_STEM_LENGTHS = (0.4, 1.0), (0.35, 0.3), (0.25, 0.1)


def _name_beliefs() -> tuple[list[float], list[float]]:
    m, u = [], []
    for share, odds in zip(_NAME_SHARES, _NAME_ODDS, strict=True):
        for place, odd in zip(_PLACE_SHARES, odds, strict=True):
            for rival, divisor in _RIVALLED:
                for length, factor in _STEM_LENGTHS:
                    m.append(share * place * rival * length)
                    u.append(share * place * rival * length * divisor * factor / odd)
    return [x / sum(m) for x in m], [x / sum(u) for x in u]


NAME_BELIEFS = _name_beliefs()


def level_beliefs(name: str) -> tuple[list[float], list[float]]:
    """m and u of a comparison of companies, the last for everything that no level holds."""
    levels = COMPANY_LEVELS[name]
    m, u = [level[1] for level in levels], [level[2] for level in levels]
    return [*m, 1 - sum(m)], [*u, 1 - sum(u)]


def company_settings(link_type: str, present: set[str]) -> tuple[SettingsCreator, list[str]]:
    """Settings for companies, of the columns that the records have, and the comparisons' names."""
    names = [name for name in COMPANY_LEVELS if {"name": "core"}.get(name, name) in present]
    comparisons = []
    for name in names:
        m, u = level_beliefs(name)
        comparisons.append(
            _comparison(name, {"name": "core"}.get(name, name), COMPANY_LEVELS[name], (m[-1], u[-1]))
        )
    rules: list[Any] = [
        CustomRule(
            "l.keys = r.keys AND (l.place IS NULL OR r.place IS NULL OR starts_with(l.place, r.place) OR starts_with(r.place, l.place))",
            arrays_to_explode=["keys"],
        )
    ]
    if "code" in present:
        rules.append(block_on("code"))
    settings = SettingsCreator(
        link_type=link_type,
        unique_id_column_name="unique_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=0.5,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    return settings, names
