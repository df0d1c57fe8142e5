"""Changes to people, teams and rights. Each writes its journal line in the same transaction.

What refuses raises `PeopleError` with words for people, or `NotAllowed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel import outbox
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.time import local_date

from .access_changes import override_access, remove_override
from .access_table import ROLES
from .actors import actor_for
from .errors import PeopleError
from .models import Team, User, UserRole
from .teams import change_team, create_team, move_team, rename_team
from .tokens.services import revoke_all

__all__ = [
    "PeopleError",
    "actor_for",
    "change_own_settings",
    "change_roles",
    "change_team",
    "change_user",
    "create_team",
    "create_user",
    "deactivate_user",
    "move_team",
    "override_access",
    "reactivate_user",
    "remove_override",
    "remove_second_factors",
    "rename_team",
    "set_password",
]
LANGUAGES = ("zh-hans", "zh-hant", "en")
CHANGEABLE = ("name", "email", "phone", "team", "deputy", "language")
# The team decides what a person reaches, the mail address who may sign in as them through a provider.
OPENS_DOORS = frozenset(("team", "email"))


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    username: str,
    name: str,
    roles: Iterable[str],
    now: datetime,
    password: str | None = None,
    email: str = "",
    phone: str = "",
    team: Team | None = None,
    deputy: User | None = None,
    language: str = "zh-hans",
) -> User:
    """A new person with posts. Without a password nobody can sign in as them until one is set by link."""
    require(actor, "staff", "create")
    held = _checked_roles(actor, roles)
    username = username.strip()
    if not username or not name.strip():
        raise PeopleError(
            _("A person needs a sign-in name and a name."), "username" if not username else "name"
        )
    if User.objects.filter(username__iexact=username).exists():
        raise PeopleError(_("“%(name)s” is taken already.") % {"name": username}, "username")
    user = User(
        username=username,
        name=name.strip(),
        email=_checked_email(email),
        phone=phone.strip(),
        team=team,
        deputy=deputy,
        language=_checked_language(language),
        joined_at=now,
    )
    if password is None:
        user.set_unusable_password()
    else:
        _set_checked(user, password)
    user.save(force_insert=True)
    UserRole.objects.bulk_create(UserRole(user=user, role=role) for role in held)
    record(actor, now, "staff.created", user, object_type="staff", after={**_facts(user), "roles": held})
    return user


@transaction.atomic
def change_user(*, actor: Actor, user: User, changes: Mapping[str, Any], now: datetime) -> User:
    """Change name, email, phone, team, deputy or language. Nothing changed, no entry.

    Team and mail address open doors: whoever may edit people but not give posts leaves them as they are.
    """
    require(actor, "staff", "edit")
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise PeopleError(_("“%(name)s” cannot be changed here.") % {"name": sorted(unknown)[0]})
    user = User.objects.select_for_update().get(pk=user.pk)
    before = _facts(user)
    for field, value in changes.items():
        if field == "email":
            value = _checked_email(value)
        elif field == "language":
            value = _checked_language(value)
        elif field == "name" and not str(value).strip():
            raise PeopleError(_("A person needs a name."), "name")
        elif field == "deputy" and value is not None and value.pk == user.pk:
            raise PeopleError(_("Nobody stands in for themselves."), "deputy")
        setattr(user, field, value.strip() if isinstance(value, str) else value)
    after = _facts(user)
    changed = [name for name in after if after[name] != before[name]]
    if OPENS_DOORS & set(changed):
        require(actor, "staff", "administer")
    if changed:
        user.save(update_fields=list(changes))
        _note_change(actor, now, "staff.changed", user, before, after, changed)
    return user


@transaction.atomic
def change_roles(*, actor: Actor, user: User, roles: Iterable[str], now: datetime) -> None:
    """Give a person these posts and no others. Nobody changes their own, and one administrator remains."""
    require(actor, "staff", "administer")
    _not_oneself(actor, user)
    held = _checked_roles(actor, roles)
    before = sorted(user.roles.values_list("role", flat=True))
    if before == held:
        return
    if "administrator" in before and "administrator" not in held:
        _keep_an_administrator(user)
    user.roles.exclude(role__in=held).delete()
    UserRole.objects.bulk_create(UserRole(user=user, role=role) for role in held if role not in before)
    record(
        actor,
        now,
        "staff.roles_changed",
        user,
        object_type="staff",
        before={"roles": before},
        after={"roles": held},
    )


@transaction.atomic
def set_password(*, actor: Actor, user: User, password: str, now: datetime) -> None:
    """Set somebody's password: one's own, or as an administrator. All their sessions end."""
    if actor.user_id != user.pk:
        require(actor, "staff", "administer")
    _set_checked(user, password)
    user.save(update_fields=["password"])
    record(actor, now, "staff.password_set", user, object_type="staff")


@transaction.atomic
def remove_second_factors(*, actor: Actor, user: User, now: datetime) -> int:
    """For somebody who lost the telephone and the recovery codes: authenticator app, passkeys and codes are forgotten,
    all sessions end, and the password alone opens until a new one is set up. Returns how many there were."""
    from allauth.mfa.models import Authenticator

    require(actor, "staff", "administer")
    _not_oneself(actor, user)
    held = Authenticator.objects.filter(user=user)
    kinds = sorted(held.values_list("type", flat=True))
    if kinds:
        held.delete()
        end_sessions(user)
        record(
            actor, now, "staff.second_factors_removed", user, object_type="staff", before={"methods": kinds}
        )
    return len(kinds)


@transaction.atomic
def deactivate_user(*, actor: Actor, user: User, now: datetime) -> User:
    """Somebody leaves: they can no longer sign in or act, their sessions end, their tokens are
    revoked. What they own is handed over apart.

    Tells `people.user_left` to whoever listens, so that customers without an owner are seen to.
    """
    require(actor, "staff", "administer")
    _not_oneself(actor, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        return user
    if user.roles.filter(role="administrator").exists():
        _keep_an_administrator(user)
    user.is_active = False
    user.left_on = local_date(now)
    user.save(update_fields=["is_active", "left_on"])
    end_sessions(user)
    revoke_all(actor=actor, user=user, now=now)
    record(
        actor, now, "staff.left", user, object_type="staff",
        before={"is_active": True}, after={"is_active": False, "left_on": user.left_on.isoformat()},
    )  # fmt: skip
    outbox.publish("people.user_left", {"user_id": user.pk}, now=now)
    return user


@transaction.atomic
def reactivate_user(*, actor: Actor, user: User, now: datetime) -> User:
    require(actor, "staff", "administer")
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        return user
    user.is_active, user.left_on = True, None
    user.save(update_fields=["is_active", "left_on"])
    record(
        actor, now, "staff.returned", user, object_type="staff",
        before={"is_active": False}, after={"is_active": True},
    )  # fmt: skip
    return user


@transaction.atomic
def change_own_settings(*, actor: Actor, user: User, language: str, dark_mode: bool, now: datetime) -> User:
    """A person's own language and light or dark look."""
    if actor.user_id != user.pk:
        raise NotAllowed("staff", "edit")
    before = {"language": user.language, "dark_mode": user.dark_mode}
    after = {"language": _checked_language(language), "dark_mode": dark_mode}
    if before != after:
        User.objects.filter(pk=user.pk).update(**after)
        user.language, user.dark_mode = language, dark_mode
        record(
            actor, now, "staff.own_settings_changed", user, object_type="staff", before=before, after=after
        )
    return user


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; returns how many sessions ended."""
    ended = [
        one.pk
        for one in Session.objects.all().iterator()
        if one.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def _checked_roles(actor: Actor, roles: Iterable[str]) -> list[str]:
    held = sorted(set(roles))
    for role in held:
        if role not in ROLES:
            raise PeopleError(_("There is no post “%(name)s”.") % {"name": role}, "roles")
    if "auditor" in held and len(held) > 1:
        raise PeopleError(_("An auditor holds no other post: whoever watches does not act."), "roles")
    if held and not actor.may("staff", "administer"):
        raise NotAllowed("staff", "administer")
    return held


def _checked_email(email: str) -> str:
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise PeopleError(" ".join(error.messages), "email") from None
    return email


def _checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise PeopleError(_("“%(name)s” is not one of the languages.") % {"name": language}, "language")
    return language


def _set_checked(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PeopleError(" ".join(error.messages), "password") from None
    user.set_password(password)


def _not_oneself(actor: Actor, user: User) -> None:
    if actor.user_id == user.pk:
        raise PeopleError(
            _("Nobody changes their own posts or shuts themselves out; ask another administrator.")
        )


def _keep_an_administrator(leaving: User) -> None:
    others = UserRole.objects.filter(role="administrator", user__is_active=True).exclude(user=leaving)
    if not others.exists():
        raise PeopleError(_("One administrator must remain."))


def _facts(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "phone": user.phone,
        "team": user.team and user.team.name,
        "deputy": user.deputy and user.deputy.name,
        "language": user.language,
    }


def _note_change(
    actor: Actor,
    now: datetime,
    action: str,
    user: User,
    before: dict[str, Any],
    after: dict[str, Any],
    names: list[str],
) -> None:
    record(
        actor, now, action, user, object_type="staff",
        before={name: before[name] for name in names}, after={name: after[name] for name in names},
    )  # fmt: skip
