"""All customers of somebody who leaves, to others in one step."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import queries, services
from ..errors import CustomerError
from ..forms import HandOverForm, put_error


@page("customer", "hand_over", methods=("GET", "POST"))
def hand_over(request: PageRequest) -> HttpResponse:
    """Whose, to whom; how many it would be is said before. Afterwards it can be undone."""
    sending = request.method == "POST"
    chosen = request.GET.get("from", "")
    form = HandOverForm(request.POST if sending else None, actor=request.actor, initial={"leaver": chosen})
    run = None
    if sending and form.is_valid():
        given = form.cleaned_data
        try:
            run = services.hand_over(
                actor=request.actor,
                from_id=given["leaver"].pk,
                to_ids=[one.pk for one in given["to"]],
                deputy_id=given["deputy"].pk if given["deputy"] else None,
                now=now(),
            )
        except CustomerError as error:
            put_error(form, error)
    return render(
        request,
        "customers/pages/hand_over.html",
        {"form": form, "run": run, "count": _count(request, chosen), "leaver": chosen},
        status=422 if sending and run is None else 200,
    )


@page("customer", "hand_over")
def hand_over_count(request: PageRequest) -> HttpResponse:
    """How many customers somebody has, as far as the actor may hand them over."""
    chosen = request.GET.get("leaver", "")
    return render(request, "customers/partials/hand_over_count.html", {"count": _count(request, chosen)})


def _count(request: PageRequest, chosen: str) -> int | None:
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        return None
    return queries.customers_of(request.actor, int(chosen), "hand_over").count()
