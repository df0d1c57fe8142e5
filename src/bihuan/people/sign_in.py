"""Signing in and out: what django-allauth asks of us, and what the journal keeps of it.

Nobody signs up: an administrator makes people and gives them a link that sets a password. Sign-in by OpenID Connect
only finds people who exist: by verified mail address, or by sign-in name where the provider's settings say
`"match": "preferred_username"`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from bihuan.audit.services import record
from bihuan.kernel import time

from .actors import NOBODY, actor_for
from .middleware import client_address
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 - a socket without an address still counts as one

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note_refusal(request, "sign_in.locked_out", str(credentials.get("username") or ""))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note_refusal(request, "sign_in.failed", str(credentials.get("username") or ""))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What happened to an account stands in the journal; mail is another room's."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Signing in and out says nothing: the page that follows is the answer."""
        template = kwargs.get("message_template") or (args[2] if len(args) > 2 else "")
        if template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(*args, **kwargs)


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie encrypted, under a key derived from the signing key."""

    @property
    def _box(self) -> Fernet:
        digest = hashlib.sha256(b"bihuan.mfa:" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))

    def encrypt(self, text: str) -> str:
        return self._box.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box.decrypt(encrypted_text.encode()).decode()

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """See `AccountAdapter.send_notification_mail`."""


def note_refusal(request: HttpRequest | None, action: str, username: str) -> None:
    """Journal a sign-in that did not happen. Whoever tried is not known, so the actor is nobody at an address."""
    address = client_address(request) if request is not None else ""
    user = User.objects.filter(username__iexact=username).first() if username else None
    record(
        NOBODY.through("page", address),
        time.now(),
        action,
        object_type="staff",
        object_id=user.pk if user else "",
        object_name=(user.name if user else username)[:80],
        after={"username": username[:80]},
    )


def note(request: HttpRequest | None, user: Any, action: str, **after: Any) -> None:
    """Journal something that a person did to their own account."""
    if not isinstance(user, User):
        return
    address = client_address(request) if request is not None else ""
    record(
        actor_for(user, "page", address), time.now(), action, user, object_type="staff", after=after or None
    )


def on_logged_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    session = getattr(request, "session", None)
    if session is not None:
        session["signed_in_at"] = session["seen_at"] = int(time.now().timestamp())
    methods = [
        one.get("type") or one.get("method")
        for one in (session or {}).get("account_authentication_methods", [])
    ]
    note(request, user, "sign_in.done", methods=methods)


def on_logged_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    note(request, user, "sign_out.done")


def on_second_factor_failed(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note_refusal(request, "sign_in.second_factor_failed", user.username)


def on_password_changed(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(request, user, "staff.password_set")


def on_key_added(sender: object, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    note(request, user, "staff.security_key_added", type=authenticator.type)


def on_key_removed(
    sender: object, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any
) -> None:
    note(request, user, "staff.security_key_removed", type=authenticator.type)


def on_codes_made_anew(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(request, user, "staff.recovery_codes_made")


def listen() -> None:
    """Connect to the signals of Django and allauth."""
    from allauth.account import signals as account
    from allauth.mfa import signals as mfa
    from django.contrib.auth.signals import user_logged_in, user_logged_out

    for signal, receiver in (
        (user_logged_in, on_logged_in),
        (user_logged_out, on_logged_out),
        (account.password_changed, on_password_changed),
        (account.password_set, on_password_changed),
        (account.password_reset, on_password_changed),
        (mfa.authentication_failed, on_second_factor_failed),
        (mfa.authenticator_added, on_key_added),
        (mfa.authenticator_removed, on_key_removed),
        (mfa.authenticator_reset, on_codes_made_anew),
    ):
        signal.connect(receiver, dispatch_uid=f"bihuan.people.{receiver.__name__}.{id(signal)}")


def has_second_factor(user: User) -> bool:
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user=user).exists()


def password_link(user: User) -> str:
    """The path where this person sets a password; good for three days and until a password is set or used."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
