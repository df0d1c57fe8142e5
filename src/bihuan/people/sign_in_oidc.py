"""Sign-in by OpenID Connect, loaded only where `BIHUAN_OIDC` names a provider."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from .models import User
from .sign_in import note_refusal


def find_person(claims: dict[str, Any], match: str) -> User | None:
    """The one active person whom the provider's claims name; nobody when none or several fit."""
    if match == "preferred_username":
        name = str(claims.get("preferred_username") or "")
        found = User.objects.filter(username__iexact=name, is_active=True) if name else User.objects.none()
    elif claims.get("email_verified") is True and claims.get("email"):
        found = User.objects.filter(email__iexact=str(claims["email"]), is_active=True)
    else:
        return None
    people = list(found[:2])
    return people[0] if len(people) == 1 else None


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        data = sociallogin.account.extra_data
        claims = data.get("userinfo") or data.get("id_token") or data
        match = sociallogin.provider.app.settings.get("match", "email")
        user = find_person(claims, match)
        if user is None:
            name = str(claims.get("email") or claims.get("preferred_username") or claims.get("sub") or "")
            note_refusal(request, "sign_in.unknown_person", name)
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
        sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        note_refusal(request, "sign_in.failed", f"{provider.name}: {error}")
