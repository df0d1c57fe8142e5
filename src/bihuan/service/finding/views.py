"""While a case is being written down: is it there already?"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .panels import drawn
from .similar import likely_the_same

MOST_TEXT = 2_000


@page("case", "create", methods=("POST",))
def case_alike(request: PageRequest) -> HttpResponse:
    """Up to three cases that the draft may be about; nothing where there is none. Keeps nothing: it is a POST because a draft is
    too long for an address, and not for the log."""
    given = request.POST
    other = given.get("other", "")
    customer = int(other) if other.isascii() and other.isdigit() and len(other) < 19 else None
    found = likely_the_same(
        request.actor,
        customer,
        given.get("text", "")[:MOST_TEXT],
        given.get("references", "")[:MOST_TEXT],
        now(),
    )
    return render(request, "service/finding/alike.html", {"lines": drawn(found)})
