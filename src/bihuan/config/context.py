"""What every template may ask for besides its own context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

THEME_COOKIE = "theme"


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """`theme`: the person's own setting, before sign-in the cookie. Written into the page, so that nothing flashes."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return {"theme": "dark" if user.dark_mode else "light"}
    return {"theme": "dark" if request.COOKIES.get(THEME_COOKIE) == "dark" else "light"}
