"""Signing in: password, second factor, lock-out, time-out; each attempt is in the journal with its address."""

import hashlib
import hmac
import struct
import time as clock
from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM
from bihuan.people import services
from bihuan.people.sign_in import password_link

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = "Acid-Wagon-41"
LOGIN = "/accounts/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def li():
    return services.create_user(
        actor=SYSTEM, username="li", name="李", roles=["salesperson"], password=GOOD, now=NOON, language="en"
    )


def sign_in(client: Client, password: str = GOOD, username: str = "li"):
    return client.post(LOGIN, {"login": username, "password": password}, REMOTE_ADDR="10.1.2.3")


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def actions() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("action", flat=True))[1:]


def test_a_password_opens_and_the_journal_knows_from_where(client, li):
    assert sign_in(client).status_code == 302
    assert signed_in(client)
    entry = Entry.objects.order_by("-id")[0]
    assert (entry.action, entry.actor, entry.address) == ("sign_in.done", f"staff:{li.pk}", "10.1.2.3")
    client.post("/accounts/logout/")
    assert not signed_in(client)
    assert actions() == ["sign_in.done", "sign_out.done"]


def test_names_are_taken_without_regard_to_case(client, li):
    sign_in(client, username="LI")
    assert signed_in(client)


def test_a_wrong_password_says_the_same_as_an_unknown_name(client, li):
    wrong = sign_in(client, "wrong").context["form"].errors
    unknown = sign_in(client, username="nobody").context["form"].errors
    assert wrong == unknown and wrong
    assert actions() == ["sign_in.failed", "sign_in.failed"]
    first, second = Entry.objects.order_by("id")[1:]
    assert (first.object_id, first.actor, second.object_name) == (str(li.pk), "staff", "nobody")
    assert "wrong" not in str(first.after)


def test_five_failures_lock_the_name_even_for_the_right_password(client, li):
    for _attempt in range(5):
        sign_in(client, "wrong")
    sign_in(client)
    assert not signed_in(client)
    assert actions()[-1] == "sign_in.locked_out"
    other = services.create_user(actor=SYSTEM, username="wu", name="Wu", roles=[], password=GOOD, now=NOON)
    sign_in(client, username=other.username)
    assert signed_in(client)


def test_nobody_signs_up(client):
    page = client.get("/accounts/signup/")
    assert page.status_code in (200, 404)
    client.post("/accounts/signup/", {"username": "x", "password1": GOOD, "password2": GOOD})
    assert not signed_in(client)
    assert not Entry.objects.exists()


def test_somebody_who_left_cannot_sign_in_and_is_out_at_once(client, li):
    sign_in(client)
    services.deactivate_user(actor=SYSTEM, user=li, now=NOON)
    assert client.get("/accounts/password/change/").status_code == 302
    sign_in(client)
    assert not signed_in(client)


def test_a_link_sets_the_first_password_once(client):
    user = services.create_user(actor=SYSTEM, username="wu", name="Wu", roles=[], now=NOON)
    link = password_link(user)
    page = client.get(link, follow=True)
    assert page.status_code == 200
    path = page.redirect_chain[-1][0]
    weak = client.post(path, {"password1": "short", "password2": "short"})
    assert weak.context["form"].errors
    client.post(path, {"password1": GOOD, "password2": GOOD})
    sign_in(client, username="wu")
    assert signed_in(client)
    client.logout()
    again = client.get(link, follow=True)
    assert "token_fail" in again.context
    assert again.context["token_fail"]


def test_an_idle_session_ends_and_an_active_one_goes_on(client, li, monkeypatch, settings):
    settings.IDLE_MINUTES = 30
    start = datetime.now(UTC)
    monkeypatch.setenv("BIHUAN_NOW", start.isoformat())
    sign_in(client)
    for minutes in (29, 58):
        monkeypatch.setenv("BIHUAN_NOW", (start + timedelta(minutes=minutes)).isoformat())
        assert client.get("/accounts/password/change/").status_code == 200
    monkeypatch.setenv("BIHUAN_NOW", (start + timedelta(minutes=58 + 31)).isoformat())
    ended = client.get("/accounts/password/change/")
    assert ended.status_code == 302 and ended["Location"].startswith(LOGIN)
    assert not signed_in(client)
    assert actions()[-1] == "sign_out.done"


def test_no_session_outlives_its_twelve_hours(client, li, monkeypatch):
    start = datetime.now(UTC)
    monkeypatch.setenv("BIHUAN_NOW", start.isoformat())
    sign_in(client)
    session = Session.objects.get()
    assert session.expire_date <= start + timedelta(hours=12, minutes=1)
    for quarter in range(1, 49):
        monkeypatch.setenv("BIHUAN_NOW", (start + timedelta(minutes=15 * quarter)).isoformat())
        assert client.get("/accounts/password/change/").status_code == 200
    monkeypatch.setenv("BIHUAN_NOW", (start + timedelta(hours=12, minutes=1)).isoformat())
    assert client.get("/accounts/password/change/").status_code == 302


def code_of(secret: str) -> str:
    """RFC 6238 with SHA-1, six digits, thirty seconds."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", int(clock.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def test_a_second_factor_is_asked_for_and_its_failures_are_journalled(client, li):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(li, secret)
    assert secret not in str(Authenticator.objects.get().data)
    reply = sign_in(client)
    assert reply.status_code == 302 and "2fa" in reply["Location"]
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert signed_in(client)
    assert actions() == ["sign_in.second_factor_failed", "sign_in.done"]
    assert Entry.objects.order_by("-id")[0].after == {"methods": ["password", "totp"]}


def test_a_recovery_code_opens_once(client, li):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    TOTP.activate(li, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(li)
    one = codes.get_unused_codes()[0]
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": one})
    assert signed_in(client)
    other = Client()
    sign_in(other)
    other.post("/accounts/2fa/authenticate/", {"code": one})
    assert not signed_in(other)


def test_the_second_factor_cannot_be_guessed_on_and_on(client, li):
    """A million codes are soon tried: after five wrong ones even the right one waits."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(li, secret)
    sign_in(client)
    for _each in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert not signed_in(client)


def test_guessing_a_name_in_many_spellings_counts_as_one(client, li):
    for name in ("li", "LI", "Li", "lI", " li"):
        sign_in(client, password="wrong", username=name)
    sign_in(client)
    assert not signed_in(client)
