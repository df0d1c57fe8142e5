"""Sending technicians: the terpene producer's promises, refusals, samples, signatures; nobody is in two places."""

from __future__ import annotations

import base64
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import translation
from PIL import Image, ImageDraw

from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.kernel.files import path_of
from bihuan.service import services
from bihuan.service.dispatch import managing, planning, reporting
from bihuan.service.dispatch.queries import get_visit, my_open_visits, photos_of, visits_of_case
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseClock, CaseEvent, CaseFile, Visit, VisitEvent, VisitSample

from .desk import NINE, Company, at, customer_of, opened
from .fleet import (
    EVERYTHING,
    GUANGZHOU,
    first_offer,
    kit_of,
    site_of,
    station,
    suggested,
    technician,
    terpene,
)
from .test_files import photo

pytestmark = pytest.mark.django_db


def picture(drawn: bool = True) -> str:
    image = Image.new("RGBA", (300, 120), (255, 255, 255, 255))
    if drawn:
        ImageDraw.Draw(image).line([(20, 80), (120, 30), (260, 90)], fill=(20, 20, 60, 255), width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def complaint(company: Company, **more: Any) -> Case:
    return opened(company, kind="complaint", severity=2, text="演示：纯度偏低", **more)


def sent(company: Company, case: Case, by: str = "dispatcher", **more: Any) -> Visit:
    best = first_offer(case, at("03-02 09:30"))
    assert best.slot is not None
    given: dict[str, Any] = {"technician": best.key, "leaves_at": best.slot.leaves_at} | more
    return planning.plan_visit(actor=company.actor(by), case=case, now=at("03-02 09:30"), **given)


def clock(case: Case, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=case, kind=kind)


def refused(text: str, act: Any) -> None:
    with translation.override("en"), pytest.raises(CaseError, match=text):
        act()


def test_an_a_customer_is_visited_within_24_hours_by_somebody_certified_and_the_sample_has_its_result_in_the_hour(
    company: Company,
):
    terpene(company)
    site, home = site_of(company), station()
    tech = technician(company, "tech", home, **EVERYTHING)
    case = complaint(company)
    assert clock(case, "on_site").due_at == NINE + timedelta(hours=24)
    best = first_offer(case, at("03-02 09:30"), site)
    assert (best.key, best.in_time, best.kit and best.kit.kind) == (tech.pk, True, "purity")
    visit = sent(company, case, site=site, leaves_at=at("03-02 09:30"))
    assert visit.starts_at == at("03-02 10:50")  # 84.9 km × 1.25 at 80 km/h
    assert (visit.ends_at - visit.starts_at, visit.kit) == (timedelta(hours=3), kit_of(home))
    actor = company.actor("tech")
    assert my_open_visits(actor) == [visit]
    reporting.set_out(actor=actor, visit=visit, now=at("03-02 09:40"))
    reporting.check_in(actor=actor, visit=visit, latitude=31.301, longitude=120.58, now=at("03-02 11:00"))
    again = get_visit(actor, visit.pk)
    assert (again.status, again.distance_m) == ("on_site", 111)
    assert clock(case, "on_site").stopped_at == at("03-02 11:00")
    assert not clock(case, "on_site").is_breached
    sample = reporting.take_sample(actor=actor, visit=visit, number="YS-1", now=at("03-02 11:20"))
    assert sample.due_at == at("03-02 12:20")
    assert clock(case, "sample_result").due_at == at("03-02 12:20")
    reporting.give_result(actor=actor, visit=visit, sample=sample.pk, result="99.6 %", now=at("03-02 12:00"))
    assert clock(case, "sample_result").stopped_at == at("03-02 12:00")
    reporting.write_report(
        actor=actor, visit=visit, findings="回流比偏低", readings="折光率 1.478", now=at("03-02 12:10")
    )
    reporting.add_photos(actor=actor, visit=visit, uploads=[photo()], now=at("03-02 12:12"))
    reporting.sign(actor=actor, visit=visit, signed_by="演示·王工", picture=picture(), now=at("03-02 12:20"))
    reporting.finish(actor=actor, visit=visit, now=at("03-02 12:30"))
    again = get_visit(actor, visit.pk)
    assert (again.status, again.signed_by) == ("done", "演示·王工")
    assert path_of(again.signature).read_bytes().startswith(b"\x89PNG")
    assert CaseFile.objects.filter(case=case, about=f"visit:{visit.pk}").count() == 1
    kinds = list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))
    assert kinds == [
        "opened", "visit_planned", "on_site", "sampled", "sample_result", "attached", "attached", "visit_done",
    ]  # fmt: skip


def test_who_lacks_the_certificate_is_never_sent_and_who_lacks_training_only_with_a_reason(company: Company):
    terpene(company)
    home = station()
    bare = technician(company, "bare", home, **EVERYTHING | {"certificates": ["coatings"]})
    green = technician(company, "green", home, **EVERYTHING | {"hours": 120})
    case = complaint(company)
    found = suggested(case, at("03-02 09:30"))
    assert not found.fit
    assert [(one.key, [lack.kind for lack in one.lacks], one.may_override) for one in found.unfit] == [
        (bare.pk, ["certificate"], False),
        (green.pk, ["training"], True),
    ]
    give: dict[str, Any] = {"actor": company.actor("dispatcher"), "case": case, "now": at("03-02 09:30")}
    leaves = at("03-02 09:30")
    refused(
        "no valid certificate",
        lambda: planning.plan_visit(technician=bare.pk, leaves_at=leaves, reason="急", **give),
    )
    refused("120 of 200 h", lambda: planning.plan_visit(technician=green.pk, leaves_at=leaves, **give))
    visit = planning.plan_visit(technician=green.pk, leaves_at=leaves, reason="其他人都在外地", **give)
    assert visit.override_reason == "其他人都在外地"
    event = VisitEvent.objects.get(visit=visit)
    assert event.data["lacks"] == [{"kind": "training", "what": "120", "amount": 200.0, "is_final": False}]


def test_a_certificate_that_ran_out_counts_no_more(company: Company):
    terpene(company)
    tech = technician(company, "tech", station(), **EVERYTHING | {"certificates": []})
    managing.add_certificate(
        actor=SYSTEM, technician=tech, kind="pharma", valid_from=date(2025, 1, 1), valid_until=date(2026, 3, 1),
        now=NINE,
    )  # fmt: skip
    case = complaint(company)
    assert [one.kind for one in suggested(case, at("03-02 09:30")).unfit[0].lacks] == ["certificate"]
    assert first_offer(case, at("03-01 09:30")).key == tech.pk  # the day before it still held


def test_the_same_plan_sent_twice_is_one_visit_and_nobody_is_in_two_places(company: Company):
    terpene(company)
    home = station(kits=2)
    tech = technician(company, "tech", home, **EVERYTHING)
    case, other = complaint(company), complaint(company)
    visit = sent(company, case)
    assert sent(company, case, leaves_at=visit.leaves_at, technician=tech.pk) == visit
    refused("not free", lambda: sent(company, other, leaves_at=visit.leaves_at, technician=tech.pk))
    refused(
        "not free",
        lambda: sent(company, other, leaves_at=visit.ends_at - timedelta(minutes=1), technician=tech.pk),
    )
    later = sent(company, other, leaves_at=visit.ends_at, technician=tech.pk)
    assert later.leaves_at == visit.ends_at
    assert Visit.objects.count() == 2


def test_the_next_customer_of_the_day_is_reached_from_the_last_one(company: Company):
    """From Suzhou to Suzhou it is half an hour; the station in Shanghai is eighty minutes away. The kit was taken along."""
    terpene(company)
    site = site_of(company)
    tech = technician(company, "tech", station(), **EVERYTHING)
    first = sent(company, complaint(company), site=site)
    assert (first.leaves_at, first.starts_at, first.ends_at) == (
        at("03-02 09:30"), at("03-02 10:50"), at("03-02 13:50"),
    )  # fmt: skip
    best = first_offer(complaint(company), at("03-02 10:00"), site)
    assert best.slot is not None
    assert (best.slot.leaves_at, best.slot.starts_at) == (at("03-02 13:50"), at("03-02 14:20"))
    # Done early: the next one starts from there, not from the station.
    given: dict[str, Any] = {"actor": company.actor("tech"), "visit": first}
    reporting.check_in(**given, now=at("03-02 10:55"))
    reporting.write_report(**given, findings="演示：正常", readings="", now=at("03-02 11:30"))
    reporting.finish(**given, unsigned="演示：客户外出", now=at("03-02 11:40"))
    again = complaint(company)
    visit = planning.plan_visit(
        actor=company.actor("dispatcher"), case=again, technician=tech.pk, leaves_at=at("03-02 11:45"), site=site,
        now=at("03-02 11:45"),
    )  # fmt: skip
    assert visit.starts_at == at("03-02 12:15")


def test_a_kit_goes_with_one_visit_at_a_time(company: Company):
    terpene(company)
    home = station(kits=1)
    for name in ("tech", "mate"):
        technician(company, name, home, **EVERYTHING)
    first = sent(company, complaint(company))
    found = suggested(complaint(company), at("03-02 09:30")).fit
    assert {one.key for one in found} == set(
        range(min(one.key for one in found), max(one.key for one in found) + 1)
    )
    assert all(one.slot is not None and one.slot.leaves_at >= first.ends_at for one in found)
    managing.save_kit(
        actor=SYSTEM, kit=kit_of(home), code="K", kind="purity", station=home, status="servicing", now=NINE
    )
    assert [one.lacks[0].kind for one in suggested(complaint(company), at("03-02 09:30")).unfit] == [
        "kit",
        "kit",
    ]


def test_absence_moves_the_visit_behind_it(company: Company):
    terpene(company)
    tech = technician(company, "tech", station(), **EVERYTHING)
    managing.add_absence(
        actor=SYSTEM, technician=tech, first_on=date(2026, 3, 2), last_on=date(2026, 3, 3), now=NINE
    )
    best = first_offer(complaint(company), at("03-02 09:30"))
    assert best.slot is not None
    assert (best.slot.leaves_at, best.in_time) == (at("03-04 08:00"), False)


def test_who_arrives_in_time_comes_first_and_near_before_far(company: Company):
    terpene(company)
    far = technician(company, "far", station("演示·广州站", GUANGZHOU), **EVERYTHING)
    near = technician(company, "near", station(), **EVERYTHING)
    found = suggested(complaint(company), at("03-02 09:30")).fit
    assert [one.key for one in found] == [near.pk, far.pk]


def test_a_visit_is_planned_anew_with_a_reason_and_cancelled_with_one(company: Company):
    terpene(company)
    tech = technician(company, "tech", station(), **EVERYTHING)
    case = complaint(company)
    visit, actor, now = sent(company, case), company.actor("dispatcher"), at("03-02 09:35")
    move: dict[str, Any] = {"actor": actor, "visit": visit, "technician": tech.pk, "now": now}
    tomorrow = at("03-03 08:00")
    refused("Say why", lambda: planning.replan_visit(leaves_at=tomorrow, reason=" ", **move))
    moved = planning.replan_visit(leaves_at=tomorrow, reason="客户改期", **move)
    assert moved.leaves_at == tomorrow
    refused("Say why", lambda: planning.cancel_visit(actor=actor, visit=visit, reason="", now=now))
    gone = planning.cancel_visit(actor=actor, visit=visit, reason="客户自行解决", now=now)
    assert gone.status == "cancelled"
    assert (
        planning.cancel_visit(actor=actor, visit=visit, reason="x", now=now).cancel_reason == "客户自行解决"
    )
    refused("was cancelled", lambda: reporting.check_in(actor=company.actor("tech"), visit=visit, now=now))
    assert clock(case, "on_site").stopped_at is None
    assert sent(company, case).leaves_at == at("03-02 09:30")  # the time is free again


def test_steps_sent_twice_are_taken_once_and_come_in_order(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    case = complaint(company)
    visit, actor = sent(company, case), company.actor("tech")
    refused("Check in first", lambda: reporting.finish(actor=actor, visit=visit, now=at("03-02 10:00")))
    refused(
        "Check in first",
        lambda: reporting.take_sample(actor=actor, visit=visit, number="1", now=at("03-02 10:00")),
    )
    for moment in ("03-02 11:00", "03-02 11:05"):
        reporting.check_in(actor=actor, visit=visit, now=at(moment))
        reporting.take_sample(actor=actor, visit=visit, number="1", now=at(moment))
    assert Visit.objects.get(pk=visit.pk).checked_in_at == at("03-02 11:00")
    assert VisitSample.objects.get().taken_at == at("03-02 11:00")
    assert CaseEvent.objects.filter(case=case, kind__in=("on_site", "sampled")).count() == 2
    refused("Write what was found", lambda: reporting.finish(actor=actor, visit=visit, now=at("03-02 11:10")))
    for _twice in range(2):
        reporting.write_report(actor=actor, visit=visit, findings="正常", readings="", now=at("03-02 11:20"))
    assert VisitEvent.objects.filter(kind="reported").count() == 1
    refused("say why nobody did", lambda: reporting.finish(actor=actor, visit=visit, now=at("03-02 11:30")))
    for _twice in range(2):
        reporting.finish(actor=actor, visit=visit, unsigned="负责人不在", now=at("03-02 11:30"))
    assert VisitEvent.objects.filter(kind="finished").count() == 1


def test_the_clock_of_samples_stops_with_the_last_result(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    case = complaint(company)
    visit, actor = sent(company, case), company.actor("tech")
    reporting.check_in(actor=actor, visit=visit, now=at("03-02 11:00"))
    first, second = (
        reporting.take_sample(actor=actor, visit=visit, number=number, now=at(moment))
        for number, moment in (("1", "03-02 11:00"), ("2", "03-02 11:30"))
    )
    assert (first.due_at, second.due_at) == (at("03-02 12:00"), at("03-02 12:30"))
    reporting.give_result(actor=actor, visit=visit, sample=first.pk, result="好", now=at("03-02 11:40"))
    assert clock(case, "sample_result").stopped_at is None
    reporting.give_result(actor=actor, visit=visit, sample=second.pk, result="好", now=at("03-02 12:20"))
    assert clock(case, "sample_result").stopped_at == at("03-02 12:20")


def test_only_what_somebody_drew_is_a_signature(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    visit, actor = sent(company, complaint(company)), company.actor("tech")
    reporting.check_in(actor=actor, visit=visit, now=at("03-02 11:00"))
    for wrong in (
        "",
        "data:text/html;base64,PGI+",
        picture(drawn=False),
        "data:image/png;base64,AAAA",
        "x" * 500_000,
    ):
        refused(
            "sign in the box",
            lambda wrong=wrong: reporting.sign(
                actor=actor, visit=visit, signed_by="王工", picture=wrong, now=at("03-02 11:10")
            ),
        )
    assert not CaseFile.objects.exists()


def test_a_visit_is_the_technician_s_own_and_does_not_exist_for_others(company: Company):
    terpene(company)
    home = station()
    technician(company, "tech", home, **EVERYTHING)
    technician(company, "mate", home, **EVERYTHING | {"skills": []})
    case = complaint(company)
    visit = sent(company, case)
    for name in ("mate", "rival", "stranger"):
        with pytest.raises(Http404):
            get_visit(company.actor(name), visit.pk)
        with pytest.raises(Http404):
            reporting.check_in(actor=company.actor(name), visit=visit, now=at("03-02 11:00"))
        assert visits_of_case(company.actor(name), case) == []
    assert visits_of_case(company.actor("seller"), case) == [visit]
    for name in ("seller", "dispatcher", "agent"):
        with pytest.raises(NotAllowed):
            reporting.check_in(actor=company.actor(name), visit=visit, now=at("03-02 11:00"))
    for name in ("seller", "tech", "quality"):
        with pytest.raises(NotAllowed):
            sent(company, case, by=name)
    with pytest.raises(Http404):  # a case of another team
        far = complaint(
            company, by="stranger", customer=customer_of(company.other, company.people["rival"], "演示南海")
        )
        sent(company, far, by="agent", technician=visit.technician_id, leaves_at=at("03-05 09:00"))


def test_a_case_that_is_over_gets_no_visit_and_a_planned_one_still_reports(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    case = complaint(company)
    visit = sent(company, case)
    services.solve_case(actor=company.actor("agent"), case=case, solution="好", now=at("03-02 10:00"))
    reporting.check_in(actor=company.actor("tech"), visit=visit, now=at("03-02 11:00"))
    assert Visit.objects.get(pk=visit.pk).status == "on_site"
    assert not CaseEvent.objects.filter(case=case, kind="on_site").exists()
    other = complaint(company)
    services.solve_case(actor=company.actor("agent"), case=other, solution="好", now=at("03-02 09:10"))
    refused(
        "solved", lambda: sent(company, other, technician=visit.technician_id, leaves_at=at("03-03 09:00"))
    )


def test_what_a_visit_to_a_merged_case_reports_lies_with_the_survivor(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    kept, twin = complaint(company), complaint(company)
    visit, actor = sent(company, twin), company.actor("tech")
    services.merge_cases(actor=company.actor("agent"), case=twin, into=kept, now=at("03-02 10:00"))
    reporting.check_in(actor=actor, visit=visit, now=at("03-02 11:00"))
    assert clock(kept, "on_site").stopped_at == at("03-02 11:00")
    reporting.add_photos(actor=actor, visit=visit, uploads=[photo()], now=at("03-02 11:05"))
    sample = reporting.take_sample(actor=actor, visit=visit, number="1", now=at("03-02 11:10"))
    assert sample.due_at == clock(kept, "sample_result").due_at == at("03-02 12:10")
    reporting.give_result(actor=actor, visit=visit, sample=sample.pk, result="好", now=at("03-02 11:40"))
    assert clock(kept, "sample_result").stopped_at == at("03-02 11:40")
    assert [one.case for one in photos_of(actor, visit)] == [kept]
    assert visits_of_case(company.actor("agent"), kept) == [visit]


def test_the_database_refuses_to_rewrite_what_happened_to_a_visit(company: Company):
    terpene(company)
    technician(company, "tech", station(), **EVERYTHING)
    sent(company, complaint(company))
    for attempt in (
        lambda: VisitEvent.objects.update(kind="done"),
        lambda: VisitEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert VisitEvent.objects.count() == 1
