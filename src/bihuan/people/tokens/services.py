"""Making, revoking and proving tokens. What refuses raises `PeopleError` with words for people, or `TokenRefused` for programs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, When
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require

from ..actors import actor_for, people_with_access
from ..errors import PeopleError
from ..models import AccessToken, User
from .scopes import known_scopes, within

MOST_DAYS = 366
MOST_OPEN = 20
A_MINUTE = 120
"""Requests that one token may make in a minute of the clock."""
MARK = "bh_"
BYTES = 32
"""Of chance: nobody guesses a key, so that a plain digest keeps it."""


class TokenRefused(Exception):
    """`status`: 401 for a key that opens nothing, 429 for one that asked too often; then `wait` says for how many seconds."""

    def __init__(self, status: int, wait: int = 0) -> None:
        super().__init__(status)
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True)
class Proven:
    token: AccessToken
    user: User
    actor: Actor


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def make_token(
    *, actor: Actor, user: User, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[AccessToken, str]:
    """A token for a person, good for so many days (at most 366); and the key itself, which is nowhere to be had again."""
    require(actor, "staff", "administer")
    held, name = sorted(set(scopes)), name.strip()
    if not name:
        raise PeopleError(_("Say which program it is for."), "name")
    if not held or set(held) - set(known_scopes()):
        raise PeopleError(_("Choose what it opens."), "scopes")
    if not 1 <= days <= MOST_DAYS:
        raise PeopleError(_("A token lasts between 1 and %(most)s days.") % {"most": MOST_DAYS}, "days")
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise PeopleError(_("This account is closed."))
    if user.access_tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_OPEN:
        raise PeopleError(
            _("A person has at most %(most)s tokens; revoke one that is not used.") % {"most": MOST_OPEN}
        )
    secret = MARK + secrets.token_urlsafe(BYTES)
    token = AccessToken.objects.create(
        user=user, name=name[:80], scopes=held, digest=digest_of(secret), head=secret[:8], made_at=now,
        made_by=actor.name[:150], expires_at=now + timedelta(days=days),
    )  # fmt: skip
    record(
        actor, now, "token.made", user, object_type="staff",
        after={"token": token.pk, "name": token.name, "scopes": held, "expires_at": token.expires_at.isoformat()},
    )  # fmt: skip
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, token: AccessToken, now: datetime) -> None:
    """From the next request on it opens nothing. Revoked again, nothing changes."""
    require(actor, "staff", "administer")
    _revoke(actor, AccessToken.objects.filter(pk=token.pk), now)


def revoke_all(*, actor: Actor, user: User, now: datetime) -> None:
    """Whose account is closed: opened again, it does not bring old keys back. In the caller's transaction."""
    _revoke(actor, AccessToken.objects.filter(user=user), now)


def _revoke(actor: Actor, rows: object, now: datetime) -> None:
    open_ones = rows.select_for_update(of=("self",)).select_related("user").filter(revoked_at=None)  # type: ignore[attr-defined]
    for one in list(open_ones):
        one.revoked_at, one.revoked_by = now, actor.name[:150]
        one.save(update_fields=["revoked_at", "revoked_by"])
        record(
            actor, now, "token.revoked", one.user, object_type="staff", before={"token": one.pk, "name": one.name}
        )  # fmt: skip


def prove_token(*, secret: str, address: str, now: datetime) -> Proven:
    """Who asks with this key. Counts the request; raises ``TokenRefused``."""
    token = AccessToken.objects.filter(digest=digest_of(secret)).first()
    if token is None or not token.is_open(now):
        raise TokenRefused(401)
    user = people_with_access().filter(pk=token.user_id, is_active=True).first()
    if user is None:
        raise TokenRefused(401)
    minute = now.replace(second=0, microsecond=0)
    with transaction.atomic():
        AccessToken.objects.filter(pk=token.pk).update(
            window=minute, used_in_window=Case(When(window=minute, then=F("used_in_window") + 1), default=1),
            last_used_at=now, last_address=address,
        )  # fmt: skip
        used = AccessToken.objects.values_list("used_in_window", flat=True).get(pk=token.pk)
    if used > A_MINUTE:
        raise TokenRefused(429, 60 - now.second)
    return Proven(token, user, within(actor_for(user, "api", address), token.scopes))
