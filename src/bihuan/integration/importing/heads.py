"""Document headings of an order file: the latest of what a document or a customer says about itself holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.integration.importing.lookups import Reference, name_word
from bihuan.integration.importing.survey import HEAD, Survey
from bihuan.integration.reading.errors import Problem
from bihuan.integration.reading.mapping import Mapping as ColumnMapping
from bihuan.integration.reading.parsers import ColumnParser


@dataclass(slots=True)
class Head:
    """What the file says of one document, after its last word."""

    moment: dt.datetime
    customer: Reference
    country: str | None


@dataclass(slots=True)
class Heads:
    """All headings, the last countries of customers, and how many contradicted themselves."""

    documents: dict[str, Head] = field(default_factory=dict)
    countries: dict[Reference, tuple[dt.datetime, str]] = field(default_factory=dict)
    two_times: set[str] = field(default_factory=set)
    two_countries: set[str] = field(default_factory=set)
    two_customers: set[str] = field(default_factory=set)
    moved: set[Reference] = field(default_factory=set)


def who(number: str | None, name: str | None) -> Reference:
    """By what a customer is one and the same within a file: the number, else the name."""
    return (number, None) if number else (None, name_word(name)) if name else (None, None)


def read_heads(
    survey: Survey, mapping: ColumnMapping, parsers: Mapping[str, ColumnParser], zone: ZoneInfo
) -> Heads:
    """The distinct headings that the survey met, put together. Unreadable ones are left to the rows' own refusals."""
    names = [name for name in HEAD if name in mapping.columns]
    heads = Heads()
    if not survey.heads:
        return heads
    columns = dict(zip(names, zip(*survey.heads, strict=True), strict=True))
    size = len(survey.heads)
    parsed = {name: parsers[name].parse(columns[name]) if name in columns else [None] * size for name in HEAD}
    for number, moment, customer_id, customer_name, country in zip(
        *(parsed[name] for name in HEAD), strict=True
    ):
        if type(moment) is Problem or moment is None or type(number) is Problem or number is None:
            continue
        customer: Reference = (_word(customer_id), _word(customer_name))
        _add(heads, number, aware(moment, zone), customer, _word(country))
    return heads


def _word(value: Any) -> str | None:
    return None if type(value) is Problem else value


def aware(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Times without a zone are the company's own."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _add(heads: Heads, number: str, moment: dt.datetime, customer: Reference, country: str | None) -> None:
    same = who(*customer)
    if same != (None, None) and country:
        known = heads.countries.get(same)
        if known is not None and known[1] != country:
            heads.moved.add(same)
        if known is None or moment >= known[0]:
            heads.countries[same] = (moment, country)
    head = heads.documents.get(number)
    if head is None:
        heads.documents[number] = Head(moment, customer, country)
        return
    if head.moment != moment:
        heads.two_times.add(number)
    if country and head.country and country != head.country:
        heads.two_countries.add(number)
    if same != (None, None):
        known_as = who(*head.customer)
        if known_as != (None, None) and known_as != same:
            heads.two_customers.add(number)
    if moment >= head.moment:
        head.moment = moment
        head.country = country or head.country
        if same != (None, None):
            head.customer = customer
    else:
        head.country = head.country or country
        if who(*head.customer) == (None, None):
            head.customer = customer
