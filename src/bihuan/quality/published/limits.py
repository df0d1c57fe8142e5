"""How often one address may ask for public pages: counted in the cache that all processes share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render

from bihuan.kernel.time import now
from bihuan.people.middleware import client_address

PER_MINUTE = 60


def is_too_often(address: str, moment: datetime) -> bool:
    """Whether this request is one too many of the minute. The address is kept as a digest, for two minutes."""
    name = hashlib.sha256(address.encode()).hexdigest()[:32]
    key = f"public:{name}:{moment:%Y%m%d%H%M}"
    if cache.add(key, 1, timeout=120):
        return False
    try:
        return int(cache.incr(key)) > PER_MINUTE
    except ValueError:  # it fell out of the cache in between
        return False


def for_everybody(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page without sign-in: only read, limited by address, in no cache on the way."""

    @wraps(view)
    def limited(request: HttpRequest, **found: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET"])
        if is_too_often(client_address(request), now()):
            answer: HttpResponse = render(request, "quality/published/too_often.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        response = view(request, **found)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return limited
