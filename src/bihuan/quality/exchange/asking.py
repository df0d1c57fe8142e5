"""What a query asks, read from the parameters of its address; EPCIS 2.0 §8.2.7.1 names them. Pure.

A list is written with `|` between its values, or the parameter repeated. All parameters must hold, of one the values any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.quality.epcis import times
from bihuan.quality.epcis.events import EVENTS
from bihuan.quality.epcis.faults import shortened

from .terms import ANY_CLASS, ANY_EPC, uri, word

PER_PAGE, MOST_PER_PAGE, MOST_VALUES = 30, 1000, 500


class QueryRefused(Exception):
    """The standard's QueryParameterException; its text says which parameter, in the reader's language."""


class QueryTooLarge(Exception):
    """The standard's QueryTooLargeException: more events than `maxEventCount` are asked for."""


@dataclass(slots=True)
class Query:
    """`terms`: (fields of the index, values), of each one must be there. `at`, `captured`: from (included), to (excluded).

    `order`: the column by which events come, the last first unless `is_rising`. `limit`: only the first so many; `most`: refused if more.
    """

    types: list[str] = field(default_factory=list)
    terms: list[tuple[tuple[str, ...], list[str]]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    at: list[datetime | None] = field(default_factory=lambda: [None, None])
    captured: list[datetime | None] = field(default_factory=lambda: [None, None])
    is_error: bool = False
    order: str = "at"
    is_rising: bool = False
    limit: int | None = None
    most: int | None = None
    per_page: int = PER_PAGE
    token: str = ""


def _step(text: str) -> str:
    return word("step", text)


def _disposition(text: str) -> str:
    return word("disposition", text)


# parameter → (fields of the index, how a value is brought into the form compared)
TERMS: dict[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "EQ_action": (("action",), str),
    "EQ_bizStep": (("step",), _step),
    "EQ_disposition": (("disposition",), _disposition),
    "EQ_readPoint": (("read_point",), uri),
    "EQ_bizLocation": (("location",), uri),
    "EQ_transformationID": (("transformation",), uri),
    "MATCH_anyEPC": (ANY_EPC, uri),
    "MATCH_epc": (("epc",), uri),
    "MATCH_parentID": (("parent",), uri),
    "MATCH_inputEPC": (("input_epc",), uri),
    "MATCH_outputEPC": (("output_epc",), uri),
    "MATCH_anyEPCClass": (ANY_CLASS, uri),
    "MATCH_epcClass": (("class",), uri),
    "MATCH_inputEPCClass": (("input_class",), uri),
    "MATCH_outputEPCClass": (("output_class",), uri),
}
# `orderBy` → column
ORDERS = {"eventTime": "at", "recordTime": "captured_at"}
# parameter → (which moment, 0 from or 1 to)
TIMES = {
    "GE_eventTime": ("at", 0),
    "LT_eventTime": ("at", 1),
    "GE_recordTime": ("captured", 0),
    "LT_recordTime": ("captured", 1),
}


def read_query(
    given: Mapping[str, Sequence[str]], also: Mapping[tuple[str, ...], str] | None = None
) -> Query:
    """Raises ``QueryRefused`` for a parameter that is unknown or whose value makes no sense.

    `also`: what the address itself asks, parameters of which any may hold and their one value, taken as it stands.
    """
    found = Query()
    for names, text in (also or {}).items():
        if names == ("eventType",):
            if any(one != text for part in given.get("eventType", ()) for one in part.split("|")):
                raise QueryRefused(_("“eventType” says another type than the address."))
            found.types = [text]
        else:
            fields = tuple(one for name in names for one in TERMS[name][0])
            found.terms.append((fields, [TERMS[names[0]][1](_exact(names[0], text))]))
    for name, texts in given.items():
        if name in TERMS:
            fields, form = TERMS[name]
            found.terms.append((fields, [form(_exact(name, one)) for one in _values(name, texts)]))
        elif name in TIMES:
            which, end = TIMES[name]
            getattr(found, which)[end] = _moment(name, _one(name, texts))
        elif name == "eventType":
            found.types = _values(name, texts)
            for one in found.types:
                if one not in EVENTS:
                    raise _refused(name, one)
        elif name == "EQ_eventID":
            found.ids = _values(name, texts)
        elif name == "EXISTS_errorDeclaration":
            if (text := _one(name, texts)) not in ("", "true", "1"):
                raise _refused(name, text)
            found.is_error = True
        elif name == "orderBy":
            text = _one(name, texts)
            if text not in ORDERS:
                raise _refused(name, text)
            found.order = ORDERS[text]
        elif name == "orderDirection":
            text = _one(name, texts)
            if text not in ("ASC", "DESC"):
                raise _refused(name, text)
            # Without orderBy it says nothing: the standard lets the order then be ours.
            found.is_rising = text == "ASC" and "orderBy" in given
        elif name == "eventCountLimit":
            found.limit = read_count(name, texts)
        elif name == "maxEventCount":
            found.most = read_count(name, texts)
        elif name == "perPage":
            found.per_page = min(read_count(name, texts), MOST_PER_PAGE)
        elif name == "nextPageToken":
            found.token = _one(name, texts)
        else:
            raise QueryRefused(_("The parameter “%(name)s” is not known here.") % {"name": shortened(name)})
    if found.limit is not None and found.most is not None:
        raise QueryRefused(_("eventCountLimit and maxEventCount exclude each other."))
    if found.limit is not None and "orderBy" not in given:
        raise QueryRefused(_("eventCountLimit needs orderBy: without an order there are no first events."))
    return found


def read_count(name: str, texts: Sequence[str]) -> int:
    """A whole number above nought. Raises ``QueryRefused``."""
    text = _one(name, texts)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise _refused(name, text)
    return int(text)


def _one(name: str, texts: Sequence[str]) -> str:
    if len(texts) != 1:
        raise QueryRefused(_("“%(name)s” stands more than once.") % {"name": name})
    return texts[0]


def _values(name: str, texts: Iterable[str]) -> list[str]:
    found = [one for text in texts for one in text.split("|") if one]
    if not found:
        raise _refused(name, "")
    if len(found) > MOST_VALUES:
        raise QueryRefused(
            _("“%(name)s” has more than %(limit)d values.") % {"name": name, "limit": MOST_VALUES}
        )
    return found


def _exact(name: str, text: str) -> str:
    if name.startswith("MATCH_") and ("*" in text or text.startswith("urn:epc:idpat:")):
        raise QueryRefused(
            _("“%(name)s”: patterns are not matched, only whole identifiers.") % {"name": name}
        )
    return text


def _moment(name: str, text: str) -> datetime:
    # A plus that was not encoded arrives as a blank.
    found = times.parse(text.replace(" ", "+"))
    if found is None:
        raise _refused(name, text)
    return found


def _refused(name: str, text: str) -> QueryRefused:
    return QueryRefused(
        _("“%(name)s”: “%(value)s” is no value for it.") % {"name": name, "value": shortened(text)}
    )
