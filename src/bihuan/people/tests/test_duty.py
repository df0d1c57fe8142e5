"""Who is away and on duty: entered by oneself or by who may hand over, refused where it makes no sense."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import NotAllowed
from bihuan.people.actors import actor_for
from bihuan.people.duty import absent_at, on_duty_at
from bihuan.people.duty_changes import end_absence, enter_absence, put_on_duty, take_off_duty
from bihuan.people.errors import PeopleError
from bihuan.people.models import Absence, DutyShift, Team, User, UserRole

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


NOW = at("03-02 10:00")


@pytest.fixture
def people() -> dict[str, Any]:
    east, west = Team.objects.create(name="演示东"), Team.objects.create(name="演示西")
    found = {}
    for name, role, team in (
        ("agent", "service_agent", east), ("other", "service_agent", west), ("manager", "manager", east),
        ("director", "director", None),
    ):  # fmt: skip
        found[name] = User.objects.create_user(name, name=f"演示·{name}", team=team)
        UserRole.objects.create(user=found[name], role=role)
    return found


def test_days_are_whole_days_and_the_last_one_counts(people: dict[str, Any]):
    agent = people["agent"]
    enter_absence(
        actor=actor_for(agent), user=agent, first_on=date(2026, 3, 3), last_on=date(2026, 3, 4), now=NOW
    )
    away = [
        absent_at(at(one)).exists() for one in ("03-02 23:59", "03-03 00:00", "03-04 23:59", "03-05 00:00")
    ]
    assert away == [False, True, True, False]


def test_from_today_means_from_now_and_an_open_end_lasts_until_one_is_back(people: dict[str, Any]):
    agent = people["agent"]
    made = enter_absence(actor=actor_for(agent), user=agent, first_on=date(2026, 3, 2), now=NOW)
    assert (made.starts_at, made.ends_at) == (NOW, None)
    later = at("05-02 10:00")
    assert absent_at(later).exists()
    end_absence(actor=actor_for(agent), absence_id=made.pk, now=later)
    assert not absent_at(later).exists()
    end_absence(actor=actor_for(agent), absence_id=made.pk, now=later + timedelta(days=1))
    assert Absence.objects.get().ends_at == later
    assert Entry.objects.filter(action="absence.ended").count() == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [((3, 5), (3, 4)), ((2, 1), (2, 2)), ((3, 10), (3, 11)), ((3, 1), None), ((3, 12), (12, 31))],
)
def test_days_that_make_no_sense_or_are_entered_are_refused(people: dict[str, Any], first, last):
    agent = people["agent"]
    given: dict[str, Any] = {"actor": actor_for(agent), "user": agent, "now": NOW}
    enter_absence(first_on=date(2026, 3, 10), last_on=date(2026, 3, 12), **given)
    with pytest.raises(PeopleError):
        enter_absence(first_on=date(2026, *first), last_on=last and date(2026, *last), **given)
    assert Absence.objects.count() == 1


def test_others_absences_are_entered_by_who_may_hand_over_their_work(people: dict[str, Any]):
    given: dict[str, Any] = {"first_on": date(2026, 3, 3), "last_on": date(2026, 3, 4), "now": NOW}
    with pytest.raises(NotAllowed):
        enter_absence(actor=actor_for(people["agent"]), user=people["other"], **given)
    with pytest.raises(NotAllowed):
        enter_absence(actor=actor_for(people["manager"]), user=people["other"], **given)
    made = enter_absence(actor=actor_for(people["manager"]), user=people["agent"], **given)
    enter_absence(actor=actor_for(people["director"]), user=people["other"], **given)
    with pytest.raises(NotAllowed):
        end_absence(actor=actor_for(people["other"]), absence_id=made.pk, now=NOW)
    end_absence(actor=actor_for(people["agent"]), absence_id=made.pk, now=NOW)
    assert Absence.objects.count() == 1  # it had not begun


def test_nights_of_a_week_are_entered_at_once(people: dict[str, Any]):
    team = people["agent"].team
    given: dict[str, Any] = {
        "actor": actor_for(people["manager"]), "team": team, "user": people["agent"], "days": 7, "now": NOW,
        "starts_at": at("03-02 18:00"), "ends_at": at("03-03 08:00"),
    }  # fmt: skip
    assert put_on_duty(**given) == 7
    assert put_on_duty(**given) == 0
    assert on_duty_at(at("03-05 03:00")) == {team.pk: {people["agent"].pk}}
    assert on_duty_at(at("03-05 08:00")) == {}
    running = DutyShift.objects.earliest("starts_at")
    take_off_duty(actor=actor_for(people["manager"]), shift_id=running.pk, now=at("03-02 20:00"))
    assert on_duty_at(at("03-02 20:00")) == {}
    assert DutyShift.objects.count() == 7
    take_off_duty(
        actor=actor_for(people["manager"]), shift_id=DutyShift.objects.latest("starts_at").pk, now=NOW
    )
    assert DutyShift.objects.count() == 6


@pytest.mark.parametrize(
    "more",
    [
        {"ends_at": at("03-02 18:00")}, {"ends_at": at("03-05 18:00")}, {"days": 0}, {"days": 93},
        {"starts_at": at("02-01 18:00"), "ends_at": at("02-02 08:00")},
    ],
)  # fmt: skip
def test_shifts_that_make_no_sense_are_refused(people: dict[str, Any], more):
    given: dict[str, Any] = {
        "actor": actor_for(people["manager"]), "team": people["agent"].team, "user": people["agent"], "now": NOW,
        "starts_at": at("03-02 18:00"), "ends_at": at("03-03 08:00"),
    }  # fmt: skip
    with pytest.raises(PeopleError):
        put_on_duty(**given | more)
    assert not DutyShift.objects.exists()


def test_duty_is_planned_for_ones_own_teams_only(people: dict[str, Any]):
    given: dict[str, Any] = {
        "user": people["other"],
        "starts_at": at("03-02 18:00"),
        "ends_at": at("03-03 08:00"),
        "now": NOW,
    }
    for name in ("manager", "agent"):
        with pytest.raises(NotAllowed):
            put_on_duty(actor=actor_for(people[name]), team=people["other"].team, **given)
    put_on_duty(actor=actor_for(people["director"]), team=people["other"].team, **given)
    with pytest.raises(NotAllowed):
        take_off_duty(actor=actor_for(people["manager"]), shift_id=DutyShift.objects.get().pk, now=NOW)
    with pytest.raises(Http404):
        take_off_duty(actor=actor_for(people["manager"]), shift_id=0, now=NOW)


def test_the_page_shows_and_takes_both(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())
    client = Client()
    client.force_login(people["manager"])
    agent = people["agent"]
    sent = client.post(
        reverse("duty_enter"),
        {"team": agent.team_id, "user": agent.pk, "starts_at": "2026-03-02T08:00", "ends_at": "2026-03-02T20:00", "days": 2},
    )  # fmt: skip
    assert sent.status_code == 302
    assert (
        client.post(reverse("absence_enter"), {"user": agent.pk, "first_on": "2026-03-02"}).status_code == 302
    )
    again = client.post(reverse("absence_enter"), {"user": agent.pk, "first_on": "2026-03-02"})
    assert again.status_code == 422
    page = client.get(reverse("duty")).content.decode()
    assert page.count("演示·agent") >= 3
    own = Client()
    own.force_login(agent)
    assert own.post(reverse("duty_enter"), {}).status_code == 403
    assert own.post(reverse("absence_end", args=[Absence.objects.get().pk])).status_code == 302
    assert not absent_at(NOW).exists()
