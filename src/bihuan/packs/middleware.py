"""Pages speak the industry's words."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .wording import speak_the_industrys_words


class IndustryWordsMiddleware:
    """A switch of the pack shows within half a minute in every process (see `queries.installed_pack_name`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        speak_the_industrys_words()
        return self.get_response(request)
