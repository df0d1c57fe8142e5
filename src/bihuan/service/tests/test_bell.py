"""The bell: what one was told of and has not read, counted once a record, read by opening it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.kernel.pages.notices import unread_count
from bihuan.service import services
from bihuan.service.models import CaseNews, CaseNotice
from bihuan.service.sweeping import sweep

from .desk import NINE, Company, at, opened

pytestmark = pytest.mark.django_db
NOW = at("03-02 10:30")


@pytest.fixture(autouse=True)
def half_past_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())


def count(company: Company, name: str) -> int:
    return unread_count(company.actor(name), NOW)


def test_a_case_counts_once_however_often_one_was_told_of_it(company: Company):
    case = opened(company)
    for moment in ("03-02 09:31", "03-02 09:50", "03-02 10:10"):
        sweep(at(moment))
    services.add_note(
        actor=company.actor("second"), case=case, text=f"@{company.people['agent'].name} 看一下",
        mentions=[company.people["agent"].pk], now=NOW,
    )  # fmt: skip
    assert CaseNotice.objects.filter(recipient=company.people["agent"]).count() >= 2
    assert CaseNews.objects.filter(recipient=company.people["agent"]).count() == 1
    with CaptureQueriesContext(connection) as asked:
        assert count(company, "agent") == 1
    # The actor's own rights are asked before, as on every page.
    assert sum("casenotice" in one["sql"] for one in asked) == 1
    assert count(company, "stranger") == 0
    page = company.client("agent").get(reverse("cases")).content.decode()
    assert "提醒：1 条未读" in page
    text = company.client("agent").get(reverse("notices"), headers={"HX-Request": "true"}).content.decode()
    assert text.count(case.title) == 1 and "提到了您" in text


def test_opening_a_notice_reads_all_of_that_case_and_of_no_other(company: Company):
    first, second = opened(company), opened(company, text="演示：另一件")
    sweep(at("03-02 09:40"))
    assert count(company, "agent") == 2
    answer = company.client("agent").post(reverse("notice_open", args=["case", first.pk]))
    assert answer.headers["Location"] == reverse("case", args=[first.pk])
    assert count(company, "agent") == 1
    told = CaseNotice.objects.exclude(recipient=company.people["agent"])
    assert not told.filter(read_at__isnull=False).exists()
    assert company.client("agent").get(reverse("notice_open", args=["case", second.pk])).status_code == 405
    assert company.client("agent").post(reverse("notice_open", args=["nothing", 1])).status_code == 404


def test_all_are_read_at_once_and_what_is_over_or_long_ago_rings_no_more(company: Company):
    case = opened(company)
    sweep(at("03-02 09:40"))
    CaseNotice.objects.update(at=at("01-02 09:00"))
    assert count(company, "agent") == 0
    CaseNotice.objects.update(at=NINE)
    assert count(company, "agent") == 1
    assert set(CaseNotice.objects.values_list("kind", flat=True)) == {"response"}
    services.respond(actor=company.actor("agent"), case=case, text="好", now=at("03-02 09:45"))
    assert count(company, "agent") == 0
    opened(company, text="演示：另一件", now=NINE)
    sweep(at("03-02 09:50"))
    assert count(company, "agent") >= 1
    answer = company.client("agent").post(reverse("notices_put_aside"), headers={"HX-Request": "true"})
    assert "提醒：0 条未读" in answer.content.decode()
    assert count(company, "agent") == 0


def test_what_is_no_longer_one_s_to_see_is_not_named(company: Company):
    case = opened(company)
    CaseNotice.objects.create(
        case=case, recipient=company.people["stranger"], kind="response", level=90, due_at=NOW, at=NOW
    )
    text = company.client("stranger").get(reverse("notices")).content.decode()
    assert case.title not in text and "您已无权查看" in text
