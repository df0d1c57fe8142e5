"""While a page is read, the matrix is asked for once at most."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .promised import promised_for_a_page


class PromisedOnceMiddleware:
    """Only for reading: a change may lay down another matrix and has to see it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with promised_for_a_page():
            return self.get_response(request)
