"""How many queries each page asks: held to `query_counts.json`, and the same however many records there are.

When a page rightly asks more or fewer, write the file anew with `BIHUAN_WRITE_QUERY_COUNTS=1` and say why in the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.pages.registry import load_pages
from bihuan.people.services import actor_for, create_team, create_user
from bihuan.quality.models import CertificateDraft
from bihuan.service.objection.intake import open_objection
from bihuan.service.services import (
    open_case,
    open_investigation,
)

from .counted_records import (
    NOON,
    add_cases,
    add_certificates,
    add_customers,
    add_events,
    add_investigations,
    add_lots,
    add_objections,
    add_recall_entries,
    add_reservations,
    add_visits,
)

BASELINE = Path(__file__).with_name("query_counts.json")
AT_MOST = 8
# Why a page may ask more than eight.
EXEMPT = {
    "case": "what happened, files, duties, mails, templates, the bell: each one query, and the sign-in's",
    "certificate, draft": "the draft, its lots twice, where these went and for which orders, wording, limits of two rooms, results, the version before: each one query",
    "certificate, looked at": "lot, rights, wording, limits of two rooms, results, customers: each one query",
    "duty": "two lists, and the choices of people and teams of two forms: each one query",
    "investigation": "what happened, findings, actions, data, members, cases: each one query",
    "quality_cost_report": "sums by line, category and in all, sales, causes, repeat rate: each one query",
    "review": "each figure one query, of the period and of the one before; minutes and decisions",
    "lot panels, middle": "recalls and one being started, what waits to be verified or tested, good lots, what they were made of step by step, results, readings, limits, series: each one query",
    "objection": "what happened, samples, offers, agreements, investigation, rights: each one query",
    "case panels": "as the side of a customer: one query a panel, and the sign-in's",
    "case panels, objection": "one query a panel, and those of an objection",
    "visit": "the visit, what happened, samples, photos, the case's clock and who may see it: each one query",
    "visit plan": "case, sites, clock, rules, technicians with papers, absences, visits and kits: each one query",
    "technician": "the person, papers, training, absences, kits, rules: each one query",
    "lot": "a lot with sources, readings, results, limits, shipments, what else was made of the same, cases: at most 15",
    "lot results": "the lot, limits, results, tests to be done again, characteristics, the last entered: each one query",
    "lot trace": "both ways, lots, shipments with names, results and limits: each one query",
    "recall": "entries, contacts, shipments, lots, events, what was answered, the lot: each one query",
    "today": "one query a section, and the sign-in's",
    "customer panels main": "as the side",
    "customer panels side": "one answer for all panels of a column: one query a panel, and the sign-in's",
}
pytestmark = pytest.mark.django_db


def count_all(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    """Queries of each page, asked for before. The fewer of two times: what is read anew each half minute is not the page's."""
    counts = {}
    for name, address in addresses.items():
        assert client.get(address).status_code == 200, address
        counts[name] = min(count_one(client, address) for _twice in range(2))
    return counts


def asked_by(client: Client, addresses: dict[str, str], names: Iterable[str]) -> dict[str, list[str]]:
    """What these pages ask, for whoever must find out what they ask too much."""
    found = {}
    for name in names:
        with CaptureQueriesContext(connection) as asked:
            client.get(addresses[name])
        found[name] = [one["sql"] for one in asked]
    return found


def count_one(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len([one for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))])


def test_pages_ask_no_more_than_they_did_and_no_more_for_more_records():
    team = create_team(
        actor=SYSTEM, name="演示部", now=NOON
    )  # a company as it is used: the access table is kept
    user = create_user(actor=SYSTEM, username="d", name="演示总监", roles=["director"], team=team, now=NOON)
    customer = add_customers(0, 20)[0]
    case = add_cases(customer, user, 3)
    investigation = open_investigation(actor=actor_for(user), title="演示：粉尘", cases=[case], now=NOON)
    disputed = open_case(
        actor=actor_for(user), customer=customer, text="演示：结疤", kind="quality_objection", now=NOON
    )
    objection = open_objection(actor=actor_for(user), case=disputed, now=NOON)
    visit = add_visits(user, case, 0, 3)
    lot = add_lots(customer, case, 0, 2)
    sold = add_reservations(customer, lot, 0, 2)
    client = Client()
    client.force_login(user)
    addresses = {item.url_name: reverse(item.url_name) for item in load_pages().menu_for(actor_for(user))}
    addresses |= {
        "customer": reverse("customer", args=[customer.pk]),
        "customer panels main": reverse("panels", args=["customer", customer.pk]) + "?place=main",
        "customer panels side": reverse("panels", args=["customer", customer.pk]) + "?place=side",
        "customer timeline": reverse("timeline", args=["customer", customer.pk]),
        "case": reverse("case", args=[case.pk]),
        "case panels": reverse("panels", args=["case", case.pk]) + "?place=side",
        "investigation": reverse("investigation", args=[investigation.pk]),
        "objection": reverse("objection", args=[objection.pk]),
        "case panels, objection": reverse("panels", args=["case", disputed.pk]) + "?place=side",
        "quality cost entries": reverse("quality_costs"),
        "cases, mine": reverse("cases") + "?whose=me&status=in_work",
        "visit": reverse("visit", args=[visit.pk]),
        "visit plan": reverse("visit_plan", args=[case.pk]),
        "technician": reverse("technician", args=[visit.technician_id]),
        "dispatch week": reverse("dispatch_board") + f"?week={NOON.date()}",
        "coverage": reverse("coverage"),
        "lot": reverse("lot", args=[lot.pk]),
        "lot panels": reverse("panels", args=["lot", lot.pk]) + "?place=main",
        "lot panels, middle": reverse("panels", args=["lot", lot.pk]) + "?place=middle",
        "lot results": reverse("lot_results", args=[lot.pk]),
        "lot verify": reverse("lot_verify", args=[lot.pk]),
        "specifications": reverse("specifications", args=[lot.product_id]),
        "product": reverse("product", args=[lot.product_id]),
        "product panels": reverse("panels", args=["product", lot.product_id]) + "?place=main",
        "charts, product": reverse("charts") + f"?product={lot.product_id}",
        "chart": reverse("chart", args=[lot.product_id]) + "?parameter=p0&statistic=value",
        "lot reserve": reverse("lot_reserve", args=[lot.pk]),
        "order": reverse("order", args=[sold.pk]),
        "order panels": reverse("panels", args=["order", sold.pk]),
        "lot ship": reverse("lot_ship", args=[lot.pk]),
        "lot trace": reverse("lot_trace", args=[lot.pk]) + "?depth=all",
        "certificate": reverse("certificate", args=[add_certificates(customer, 2).pk]),
        "certificate, looked at": reverse("certificate_issue") + "?lot=演示/1",
        "certificate, draft": reverse("certificate_draft", args=[CertificateDraft.objects.latest("pk").pk]),
        "recall": reverse("recall", args=[add_recall_entries(lot, 2).pk]),
        "recalls": reverse("recalls"),
        "recall entries": reverse("recall_entries"),
        "events": reverse("epcis"),
        "event": reverse("epcis_event", args=[add_events(lot, 0, 2).pk]),
        "event asked for": reverse("epcis_told", args=["h0"]),
        "events asked for": reverse("epcis_query") + "?EQ_bizStep=receiving&perPage=1000",
        "palette": reverse("palette") + "?q=演示",
        "customers searched": reverse("customers") + "?q=化工&sort=-name",
    }
    add_investigations(user, customer, investigation, 2)
    add_objections(user, customer, objection, 2)
    few = count_all(client, addresses)
    add_lots(customer, case, 2, 60)
    add_customers(20, 60)
    add_cases(customer, user, 60)
    add_investigations(user, customer, investigation, 55)
    add_objections(user, customer, objection, 55)
    add_visits(user, case, 3, 60)
    add_certificates(customer, 60)
    add_recall_entries(lot, 60)
    add_reservations(customer, lot, 2, 60)
    add_events(lot, 2, 60)
    more = count_all(client, addresses)
    # A list that no longer fits its first page has to be counted: one query; where words were searched, first whether
    # there are too many to count.
    assert {
        name
        for name in more
        if more[name]
        > few[name]
        + ("searched" in name)
        + any(
            one in name
            for one in (
                "customers",
                "cases",
                "investigations",
                "entries",
                "objections",
                "visits",
                "lots",
                "certificates",
                "events",
                "orders",
            )
        )
    } == set()
    if os.environ.get("BIHUAN_WRITE_QUERY_COUNTS") == "1":
        BASELINE.write_text(
            json.dumps(more, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    known = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert set(more) == set(known), "pages came or went: write the baseline anew"
    worse = {name: (known[name], count) for name, count in more.items() if count > known[name]}
    assert not worse, f"more queries than before (before, now): {worse}; {asked_by(client, addresses, worse)}"
    assert {name for name, count in more.items() if count > AT_MOST} <= set(EXEMPT)
