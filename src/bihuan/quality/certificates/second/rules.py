"""What stands against the second signature of a mill certificate 3.2: pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

# EN 10204 tells an inspector of the purchaser or of the authorities from the maker's own: neither person nor house may be the same.
NAMELESS, HOUSELESS, UNREFERRED, UNDATED = "name", "organisation", "reference", "undated"
SAME_PERSON, SAME_HOUSE, SAME_ENTRY, NOT_YET = "same_person", "same_house", "same_entry", "not_yet"


@dataclass(frozen=True, slots=True)
class Inspector:
    """Who signed as the second: name, on whose behalf, under which number of theirs, and the day of the inspection."""

    name: str
    organisation: str
    reference: str
    inspected_on: date | None


@dataclass(frozen=True, slots=True)
class First:
    """Who signed first; `person` is the id of our user, `house` the name of our company."""

    person: int
    name: str
    house: str


def plainly(name: str) -> str:
    """A name to compare: compatibility form, no blanks, no case, so that ＬＩ  Ming is li ming."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def against_second(
    first: First, inspector: Inspector, *, person: int, person_name: str, today: date
) -> list[str]:
    """Everything that stands against it, in the order in which it is asked. `person` of ours enters it and stands for the page."""
    found = []
    if not plainly(inspector.name):
        found.append(NAMELESS)
    elif plainly(inspector.name) in (plainly(first.name), plainly(person_name)):
        found.append(SAME_PERSON)
    if not plainly(inspector.organisation):
        found.append(HOUSELESS)
    elif plainly(inspector.organisation) == plainly(first.house):
        found.append(SAME_HOUSE)
    if not inspector.reference.strip():
        found.append(UNREFERRED)
    if inspector.inspected_on is None:
        found.append(UNDATED)
    elif inspector.inspected_on > today:
        found.append(NOT_YET)
    if person == first.person:
        found.append(SAME_ENTRY)
    return found
