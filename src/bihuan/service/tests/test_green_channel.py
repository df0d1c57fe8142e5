"""Critical cases: an executive hears at once, others are asked to hold goods and capacity, each with a time and an answer."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.http import Http404
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.kernel.outbox import deliver_due
from bihuan.people.models import Absence, Team, User
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.green.asking import answer_request, ask_to_hold, open_green_channel
from bihuan.service.green.sweeping import sweep_requests
from bihuan.service.matrix_store import put_matrix_in_force
from bihuan.service.models import Case, CaseEvent, CaseNotice, GreenRequest
from bihuan.service.promised import default_document

from .desk import Company, at, opened, person

pytestmark = pytest.mark.django_db
TEN = at("03-02 10:00")


@pytest.fixture
def green(company: Company) -> None:
    """An executive within 2 h; goods of sales, a tenth of the capacity of production."""
    document = dict(default_document())
    words = {"zh-Hans": "演示", "en": "x"}
    document["clocks"] = document["clocks"] | {
        "executive": {
            "label": {"zh-Hans": "高层介入", "en": "Executive joins"},
            "stop": ["executive_joined", "solved"],
        }
    }
    document["promises"] = [
        *document["promises"],
        {
            "name": "executive",
            "kind": "executive",
            "when": {"urgency": "critical"},
            "hours": 2,
            "unit": "elapsed",
            "label": words,
            "source": "D3",
        },
    ]
    document["green_channel"] = {
        "when": {"urgency": "critical"}, "clock": "executive", "may_freeze_schedule": True, "source": "D3",
        "requests": [
            {"id": "hold_goods", "to": "salesperson", "label": {"zh-Hans": "锁定货源", "en": "Hold goods"}, "source": "D3"},
            {"id": "hold_capacity", "to": "production", "capacity_share": 0.1, "hours": 4, "label": {"zh-Hans": "动用预留产能", "en": "Hold capacity"}, "source": "D3"},
        ],
    }  # fmt: skip
    put_matrix_in_force(actor=SYSTEM, document=document, from_start=True, now=at("03-01 09:00"))


def critical(company: Company, by: str = "agent") -> Case:
    case = opened(company, TEN, by, urgency="critical", owner=company.people["agent"])
    open_green_channel(case_id=case.pk, now=TEN)
    return case


def request_of(case: Case, name: str = "hold_capacity") -> GreenRequest:
    return GreenRequest.objects.get(case=case, request=name)


def notices(kind: str) -> list[tuple[str, int]]:
    rows = CaseNotice.objects.filter(kind=kind).order_by("at", "recipient__username")
    return list(rows.values_list("recipient__username", "level"))


def test_a_critical_case_asks_sales_and_production_and_calls_an_executive_at_once(
    company: Company, green: None
):
    case = critical(company)
    asked = {
        one.request: (one.asked and one.asked.username, one.due_at, one.capacity_share)
        for one in GreenRequest.objects.all()
    }
    assert asked == {
        "hold_goods": ("seller", at("03-02 12:00"), None),
        "hold_capacity": ("manager", at("03-02 14:00"), Decimal("0.1")),
    }
    assert notices("executive") == [("director", 0)]
    assert open_green_channel(case_id=case.pk, now=at("03-02 10:05")) == 0
    assert GreenRequest.objects.count() == 2 and CaseNotice.objects.count() == 1
    page = company.client("director").get(reverse("today")).content.decode()
    assert "高层介入" in page


def test_production_is_asked_where_somebody_holds_the_post_and_sees_that_case_alone(
    company: Company, green: None
):
    works = Team.objects.create(name="演示生产部")  # beside the desk's team, not above it
    company.people["planner"] = person("planner", "production", works)
    company.people["carrier"] = person("carrier", "logistics", works)
    case, other = critical(company), opened(company, TEN, text="演示：别的事")
    assert request_of(case).asked == company.people["planner"]
    client = company.client("planner")
    assert "动用预留产能" in client.get(reverse("today")).content.decode()
    page = client.get(reverse("case", args=[case.pk]))
    assert page.status_code == 200
    assert client.get(reverse("case", args=[other.pk])).status_code == 404
    assert company.client("carrier").get(reverse("case", args=[case.pk])).status_code == 404
    assert client.get(reverse("customer", args=[company.customer.pk])).status_code == 404
    address = reverse("green_answer", args=[case.pk, request_of(case).pk])
    assert (
        client.post(address, {"answer": "partly", "share": "5", "reason": "演示：二号线检修"}).status_code
        == 302
    )
    assert (request_of(case).answer, request_of(case).answered_by) == ("partly", "演示·planner")
    with pytest.raises(NotAllowed):
        services.add_note(actor=company.actor("planner"), case=case, text="演示", now=TEN)


def test_the_deputy_of_who_is_away_sees_and_answers(company: Company, green: None):
    planner = company.people["planner"] = person("planner", "production", None)
    deputy = company.people["deputy"] = person("deputy", "production", None)
    User.objects.filter(pk=planner.pk).update(deputy=deputy)
    Absence.objects.create(user=planner, starts_at=TEN, entered_by="-")
    case = critical(company)
    assert request_of(case).asked == deputy
    GreenRequest.objects.update(asked=planner)
    done = answer_request(
        actor=company.actor("deputy"), request_id=request_of(case).pk, answer="granted", now=TEN
    )
    assert done.answered_by == "演示·deputy"


def test_the_news_of_a_case_that_becomes_critical_opens_the_channel(company: Company, green: None):
    case = opened(company, TEN)
    deliver_due(TEN)
    assert not GreenRequest.objects.exists()
    services.change_case(actor=company.actor("agent"), case=case, urgency="critical", now=TEN)
    deliver_due(TEN)
    assert GreenRequest.objects.count() == 2


def test_an_answer_stops_the_request_and_is_told(company: Company, green: None):
    case = critical(company)
    one = request_of(case)
    answer_request(
        actor=company.actor("manager"), request_id=one.pk, answer="partly", share=Decimal("0.05"),
        reason="演示：二号线检修", now=at("03-02 11:00"),
    )  # fmt: skip
    one.refresh_from_db()
    assert (one.answer, one.granted_share, one.answered_by) == ("partly", Decimal("0.05"), "演示·manager")
    sweep_requests(at("03-05 10:00"))
    assert notices(one.notice_kind) == []
    page = company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    assert "二号线检修" in page
    panel = (
        company.client("agent")
        .get(reverse("panels", args=["case", case.pk]) + "?place=side")
        .content.decode()
    )
    assert "10 %" in panel and "5 %" in panel
    assert CaseEvent.objects.filter(kind="green_answered", is_internal=True).count() == 1


def test_all_granted_needs_no_reason_and_holds_what_was_asked(company: Company, green: None):
    case = critical(company)
    done = answer_request(
        actor=company.actor("manager"), request_id=request_of(case).pk, answer="granted", now=TEN
    )
    assert done.granted_share == Decimal("0.1")


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        ("refused", {}),
        ("partly", {"reason": " "}),
        ("", {}),
        ("maybe", {}),
        ("granted", {"share": Decimal("1.2")}),
    ],
)
def test_answers_that_are_none_are_refused(company: Company, green: None, answer: str, more: dict):
    one = request_of(critical(company))
    with pytest.raises(CaseError):
        answer_request(actor=company.actor("manager"), request_id=one.pk, answer=answer, now=TEN, **more)
    one.refresh_from_db()
    assert one.answer == ""


def test_a_second_answer_is_told_of_the_first(company: Company, green: None):
    one = request_of(critical(company))
    answer_request(actor=company.actor("manager"), request_id=one.pk, answer="granted", now=TEN)
    with pytest.raises(CaseError, match="演示·manager"):
        answer_request(
            actor=company.actor("director"), request_id=one.pk, answer="refused", reason="x", now=TEN
        )


def test_who_was_not_asked_may_not_answer_and_who_does_not_see_the_case_finds_nothing(
    company: Company, green: None
):
    case = critical(company)
    one = request_of(case)
    with pytest.raises(NotAllowed):
        answer_request(actor=company.actor("seller"), request_id=one.pk, answer="granted", now=TEN)
    with pytest.raises(Http404):
        answer_request(actor=company.actor("stranger"), request_id=one.pk, answer="granted", now=TEN)
    address = reverse("green_answer", args=[case.pk, one.pk])
    assert company.client("seller").get(address).status_code == 403
    assert company.client("stranger").get(address).status_code == 404
    goods = request_of(case, "hold_goods")
    own = reverse("green_answer", args=[case.pk, goods.pk])
    client = company.client("seller")
    assert client.get(own).status_code == 200
    assert client.post(own, {"answer": "refused"}).status_code == 422
    assert client.post(own, {"answer": "refused", "reason": "演示：无货"}).status_code == 302
    goods.refresh_from_db()
    assert goods.answer == "refused"


def test_a_request_warns_who_was_asked_then_manager_and_director(company: Company, green: None):
    one = request_of(critical(company), "hold_goods")
    for minute in range(0, 200, 5):
        sweep_requests(at(f"03-02 {10 + minute // 60:02d}:{minute % 60:02d}"))
    assert notices(one.notice_kind) == [
        ("seller", 50), ("seller", 75), ("seller", 90), ("manager", 100), ("seller", 100), ("director", 160),
    ]  # fmt: skip
    page = company.client("seller").get(reverse("today")).content.decode()
    assert "锁定货源" in page


def test_an_absent_department_head_is_represented_and_the_deputy_may_answer(company: Company, green: None):
    manager = company.people["manager"]
    User.objects.filter(pk=manager.pk).update(deputy=company.people["second"])
    one = request_of(critical(company))
    Absence.objects.create(user=manager, starts_at=TEN, entered_by="-")
    sweep_requests(at("03-02 12:01"))
    told = CaseNotice.objects.get(kind=one.notice_kind)
    assert (told.recipient.username, told.instead_of) == ("second", manager)


def test_the_absent_sellers_deputy_answers(company: Company, green: None):
    seller = company.people["seller"]
    one = request_of(critical(company), "hold_goods")
    User.objects.filter(pk=seller.pk).update(deputy=company.people["rival"])
    assert company.client("rival").get(reverse("green_answer", args=[one.case_id, one.pk])).status_code != 200
    Absence.objects.create(user=seller, starts_at=TEN, entered_by="-")
    User.objects.filter(pk=seller.pk).update(deputy=company.people["quality"])
    done = answer_request(
        actor=company.actor("quality"), request_id=one.pk, answer="granted", now=at("03-02 10:30")
    )
    assert done.answered_by == "演示·quality"


def test_nobody_is_warned_for_a_case_that_is_solved(company: Company, green: None):
    case = critical(company)
    services.solve_case(actor=company.actor("agent"), case=case, solution="好", now=at("03-02 10:10"))
    sweep_requests(at("03-02 18:00"))
    assert not CaseNotice.objects.filter(kind__startswith="green.").exists()
    assert sweep_requests(at("03-02 18:01")).clocks == 0


def test_more_may_be_asked_by_who_works_on_the_case(company: Company, green: None):
    case = critical(company)
    actor = company.actor("agent")
    made = ask_to_hold(
        actor=actor, case=case, to="logistics", what="演示：槽车一辆", now=TEN, needed_until=at("03-04 10:00"),
        asked=company.people["dispatcher"],
    )  # fmt: skip
    assert (made.asked and made.asked.username, made.due_at) == ("dispatcher", at("03-02 12:00"))
    given: dict[str, Any] = {"actor": actor, "case": case, "to": "logistics", "what": "x", "now": TEN}
    for wrong in ({"what": " "}, {"to": "moon"}, {"share": Decimal(2)}, {"needed_until": at("03-01 10:00")}):
        with pytest.raises(CaseError):
            ask_to_hold(**given | wrong)
    with pytest.raises(NotAllowed):
        ask_to_hold(actor=company.actor("seller"), case=case, to="logistics", what="x", now=TEN)
    ordinary = opened(company, TEN)
    with pytest.raises(CaseError):
        ask_to_hold(actor=actor, case=ordinary, to="logistics", what="x", now=TEN)


def test_open_requests_go_with_a_merge(company: Company, green: None):
    case, other = critical(company), opened(company, TEN)
    services.merge_cases(actor=company.actor("agent"), case=case, into=other, now=TEN)
    deliver_due(TEN)
    assert GreenRequest.objects.filter(case=other, answer="").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_who_answer_at_once_one_is_told(company: Company, green: None):
    one = request_of(critical(company))
    answers: list[str] = []

    def answer(name: str) -> None:
        try:
            answer_request(actor=company.actor(name), request_id=one.pk, answer="granted", now=TEN)
            answers.append("granted")
        except CaseError:
            answers.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=[name]) for name in ("manager", "director")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["granted", "told"]
