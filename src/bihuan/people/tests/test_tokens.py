"""Access tokens: shown once, kept as a digest, ending by time, revocation or leaving, and never opening more than they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.people import services
from bihuan.people.actors import actor_for
from bihuan.people.errors import PeopleError
from bihuan.people.models import AccessToken, User
from bihuan.people.tokens.services import (
    A_MINUTE,
    MOST_OPEN,
    Proven,
    TokenRefused,
    digest_of,
    make_token,
    prove_token,
    revoke_token,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make(username: str, *roles: str) -> User:
    return services.create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=roles, now=NOON, language="en"
    )


@pytest.fixture
def boss() -> User:
    return make("boss", "administrator")


@pytest.fixture
def person() -> User:
    return make("zhang", "quality")


def token_for(person: User, *scopes: str, days: int = 30) -> tuple[AccessToken, str]:
    return make_token(
        actor=SYSTEM, user=person, name="Carrier", scopes=scopes or ["epcis.read"], days=days, now=NOON
    )


def prove(secret: str, now: datetime = NOON) -> Proven:
    return prove_token(secret=secret, address="192.0.2.7", now=now)


def status_of(secret: str, now: datetime = NOON) -> int:
    with pytest.raises(TokenRefused) as refused:
        prove(secret, now)
    return refused.value.status


def test_a_key_is_kept_nowhere_and_acts_as_its_person_within_its_scopes(person: User):
    token, secret = token_for(person)
    proven = prove(secret)
    assert proven.user == person and (proven.actor.via, proven.actor.address) == ("api", "192.0.2.7")
    whole = actor_for(person)
    assert whole.may("lot", "create") and set(proven.actor.grants) == {
        ("epcis_event", "view"),
        ("lot", "view"),
    }
    assert proven.actor.grants["lot", "view"] == whole.grants["lot", "view"]
    row = AccessToken.objects.values().get(pk=token.pk)
    assert not any(secret in str(value) for value in row.values())
    assert not any(secret in f"{one.before}{one.after}{one.note}" for one in Entry.objects.all())
    assert (row["digest"], row["last_used_at"], row["last_address"]) == (digest_of(secret), NOON, "192.0.2.7")
    services.change_roles(actor=SYSTEM, user=person, roles=["salesperson"], now=NOON)  # at once
    assert not prove(secret).actor.may("epcis_event")


def test_it_ends_with_its_time_when_revoked_and_when_its_person_leaves_for_good(person: User):
    token, secret = token_for(person, days=1)
    assert prove(secret, NOON + timedelta(hours=23, minutes=59))
    assert status_of(secret, NOON + timedelta(days=1)) == 401
    assert [status_of(one) for one in ("", "bh_", secret[:-1], secret + "x", "bh_\ud800")] == [401] * 5
    revoke_token(actor=SYSTEM, token=token, now=NOON)
    revoke_token(actor=SYSTEM, token=token, now=NOON)
    assert status_of(secret) == 401 and Entry.objects.filter(action="token.revoked").count() == 1
    _token, second = token_for(person)
    services.deactivate_user(actor=SYSTEM, user=person, now=NOON)
    assert status_of(second) == 401
    services.reactivate_user(actor=SYSTEM, user=person, now=NOON)
    assert status_of(second) == 401


def test_who_asks_too_often_waits_for_the_next_minute(person: User):
    token, secret = token_for(person)
    AccessToken.objects.update(window=NOON, used_in_window=A_MINUTE - 1)
    prove(secret, NOON + timedelta(seconds=40))
    with pytest.raises(TokenRefused) as refused:
        prove(secret, NOON + timedelta(seconds=41))
    assert (refused.value.status, refused.value.wait) == (429, 19)
    prove(secret, NOON + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.used_in_window == 1


def test_only_an_administrator_makes_and_revokes_and_sense_is_asked_for(boss: User, person: User):
    with pytest.raises(NotAllowed):
        make_token(actor=actor_for(person), user=person, name="x", scopes=["epcis.read"], days=1, now=NOON)
    token, _secret = token_for(person)
    with pytest.raises(NotAllowed):
        revoke_token(actor=actor_for(person), token=token, now=NOON)
    for name, scopes, days in (
        (" ", ["epcis.read"], 1),
        ("x", [], 1),
        ("x", ["all"], 1),
        ("x", ["epcis.read"], 367),
    ):
        with pytest.raises(PeopleError):
            make_token(actor=actor_for(boss), user=person, name=name, scopes=scopes, days=days, now=NOON)
    for _number in range(MOST_OPEN - 1):
        token_for(person)
    with pytest.raises(PeopleError):
        token_for(person)


def test_the_page_shows_a_key_once_and_revokes_it(
    boss: User, person: User, django_assert_max_num_queries: Any
):
    client = Client()
    client.force_login(boss)
    address = reverse("staff_tokens", args=[person.pk])
    given = {"name": "演示·承运商系统", "scopes": ["epcis.read"], "days": "90"}
    assert client.post(address, given | {"days": "9000"}).status_code == 422
    made = client.post(address, given)
    secret = str(made.content.decode()).partition(">bh_")[2].partition("<")[0]
    token = AccessToken.objects.get()
    assert token.digest == digest_of(f"bh_{secret}") and made["Cache-Control"] == "no-store"
    for _number in range(3):
        token_for(person)
    with django_assert_max_num_queries(8):  # however many tokens there are
        again = client.get(address).content.decode()
    assert secret not in again and token.head in again and "演示·承运商系统" in again
    entry = Entry.objects.get(action="token.made", actor=f"staff:{boss.pk}")
    assert entry.object_id == str(person.pk) and entry.after is not None
    assert entry.after["scopes"] == ["epcis.read"]
    # Another person's address does not reach it
    revoke = [reverse("staff_token_revoke", args=[one.pk, token.pk]) for one in (boss, person)]
    assert client.post(revoke[0]).status_code == 404 and client.post(revoke[1]).status_code == 302
    token.refresh_from_db()
    assert token.revoked_by == boss.name and token.revoked_at is not None
    other = Client()
    other.force_login(person)
    assert other.get(address).status_code in (403, 404) and other.post(address, given).status_code in (
        403,
        404,
    )
    assert AccessToken.objects.count() == 4
