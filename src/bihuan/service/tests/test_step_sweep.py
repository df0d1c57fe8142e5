"""Steps of investigations warn in time: the leader at half the time, the manager at its end, each thing once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.clocks import Clock
from bihuan.people.models import Absence, User
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.investigation_sweeping import sweep_steps
from bihuan.service.matrix_store import put_matrix_in_force
from bihuan.service.models import Investigation, InvestigationClock, InvestigationNotice
from bihuan.service.promised import default_document

from .desk import Company, at
from .eightd import Work, investigation

pytestmark = pytest.mark.django_db


@pytest.fixture
def promised_steps(company: Company) -> None:
    """A team within 24 h, causes within 100 h of the opening; causes wait for the customer."""
    document = dict(default_document()) | {
        "investigation": {
            "clocks": {
                "d1": {"label": {"zh-Hans": "成立小组", "en": "Team"}, "stop": ["d1_done"]},
                "d4": {"label": {"zh-Hans": "原因", "en": "Causes"}, "stop": ["d4_done"]},
            },
            "pause_reasons": [
                {"id": "sample", "label": {"zh-Hans": "等客户样品", "en": "Customer's sample"}, "clocks": ["d4"]}
            ],
            "promises": [
                {"name": "d1", "kind": "d1", "hours": 24, "unit": "elapsed", "label": {"zh-Hans": "一", "en": "1"}, "source": "-"},
                {"name": "d4", "kind": "d4", "hours": 100, "unit": "elapsed", "label": {"zh-Hans": "四", "en": "4"}, "source": "-"},
            ],
        }
    }  # fmt: skip
    put_matrix_in_force(actor=SYSTEM, document=document, from_start=True, now=at("03-01 09:00"))


def told() -> list[tuple[str, str, int]]:
    rows = InvestigationNotice.objects.order_by("at", "recipient__username")
    return list(rows.values_list("recipient__username", "kind", "level"))


def led(company: Company) -> Investigation:
    return investigation(
        company, [], now=at("03-10 09:00"), owner=company.people["agent"], members=[company.people["quality"]]
    )


def test_the_leader_then_manager_then_director(company: Company, promised_steps: None):
    led(company)
    for hour in range(0, 30):
        sweep_steps(at(f"03-{10 + (9 + hour) // 24} {(9 + hour) % 24:02d}:01"))
    assert [one for one in told() if one[1] == "d1"] == [
        ("agent", "d1", 50), ("agent", "d1", 75), ("agent", "d1", 90), ("agent", "d1", 100), ("manager", "d1", 100),
        ("director", "d1", 160),
    ]  # fmt: skip


def test_swept_again_or_from_the_same_rows_nobody_hears_it_twice(company: Company, promised_steps: None):
    led(company)
    for _again in range(3):
        sweep_steps(at("03-10 21:01"))
    InvestigationClock.objects.filter(kind="d1").update(told_level=0, next_moment_at=at("03-10 21:00"))
    sweep_steps(at("03-10 21:01"))
    assert told() == [("agent", "d1", 50)]


def test_a_step_that_is_late_silences_warnings_of_the_others(company: Company, promised_steps: None):
    led(company)
    sweep_steps(at("03-11 10:30"))
    before = told()
    sweep_steps(at("03-12 12:00"))  # half of D4's time
    assert told() == before
    sweep_steps(at("03-14 13:01"))  # D4 is late, too
    assert told()[len(before) :] == [("agent", "d4", 100), ("manager", "d4", 100)]


def test_a_done_step_and_a_closed_investigation_say_nothing_and_keep_their_clocks(
    company: Company, promised_steps: None
):
    row = led(company)
    Work(company, row).done("d1", at("03-10 10:00"))
    Investigation.objects.filter(pk=row.pk).update(
        closed_at=at("03-10 11:00"), first_closed_at=at("03-10 11:00")
    )
    kept = list(InvestigationClock.objects.order_by("id").values())
    assert services.follow_investigations(now=at("03-20 09:00")) == 0
    assert list(InvestigationClock.objects.order_by("id").values()) == kept
    assert InvestigationClock.objects.get(kind="d1").next_moment_at is None


def test_while_the_customers_sample_is_awaited_the_step_is_silent(company: Company, promised_steps: None):
    row, actor = led(company), company.actor("quality")
    Work(company, row).done("d1", at("03-10 10:00"))
    services.pause_investigation(actor=actor, investigation=row, reason="sample", now=at("03-10 10:00"))
    due = InvestigationClock.objects.get(kind="d4").due_at
    sweep_steps(at("03-30 10:00"))
    assert told() == []
    services.resume_investigation(actor=actor, investigation=row, now=at("03-30 10:00"))
    clock = InvestigationClock.objects.get(kind="d4")
    assert clock.due_at - due == at("03-30 10:00") - at("03-10 10:00")
    sweep_steps(at("04-01 12:00"))
    assert told() == [("agent", "d4", 50)]


def test_pausing_twice_for_no_reason_or_resuming_what_runs_is_refused(company: Company, promised_steps: None):
    row, actor = led(company), company.actor("quality")
    with pytest.raises(CaseError):
        services.resume_investigation(actor=actor, investigation=row, now=at("03-10 10:00"))
    with pytest.raises(CaseError):
        services.pause_investigation(actor=actor, investigation=row, reason="lunch", now=at("03-10 10:00"))
    services.pause_investigation(actor=actor, investigation=row, reason="sample", now=at("03-10 10:00"))
    with pytest.raises(CaseError):
        services.pause_investigation(actor=actor, investigation=row, reason="sample", now=at("03-10 10:01"))


def test_an_absent_leader_is_represented_and_the_notice_says_so(company: Company, promised_steps: None):
    led(company)
    User.objects.filter(username="agent").update(deputy=company.people["second"])
    Absence.objects.create(
        user=company.people["agent"], starts_at=at("03-10 00:00"), ends_at=at("03-12 00:00"), entered_by="-"
    )
    sweep_steps(at("03-10 21:01"))
    found = InvestigationNotice.objects.get()
    assert (found.recipient.username, found.instead_of) == ("second", company.people["agent"])
    # Shown to whoever sees the investigation: the deputy is of the same desk.
    page = company.client("second").get(reverse("today")).content.decode()
    assert "演示：黑色粉尘" in page and "演示·agent" in page
    company.client("second").post(reverse("investigation_notices_read"))
    assert "演示：黑色粉尘" not in company.client("second").get(reverse("today")).content.decode()


def test_the_sweep_of_steps_folds_nothing_and_asks_the_same_for_many(
    company: Company, promised_steps: None, monkeypatch: pytest.MonkeyPatch
):
    def asked(moment: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert sweep_steps(at(moment)).clocks > 0
        return len(queries)

    def fold(*_given: object) -> Clock:
        raise AssertionError("the sweep folded an investigation")

    led(company)
    few = asked("03-10 21:01")
    for _number in range(10):
        led(company)
    monkeypatch.setattr("bihuan.kernel.clocks.Desk.clocks", fold)
    assert asked("03-10 21:02") <= few
    assert InvestigationNotice.objects.count() == 11
    monkeypatch.undo()
    with CaptureQueriesContext(connection) as queries:
        assert sweep_steps(at("03-10 21:03")).clocks == 0
    assert len([one for one in queries if "SELECT" in one["sql"]]) == 1


def test_investigations_from_before_get_their_clocks(company: Company, promised_steps: None):
    led(company)
    InvestigationClock.objects.all().delete()
    services.follow_investigations(now=at("03-10 12:00"))
    assert set(InvestigationClock.objects.values_list("kind", flat=True)) == {"d1", "d4"}
    sweep_steps(at("03-10 21:01"))
    assert told() == [("agent", "d1", 50)]
