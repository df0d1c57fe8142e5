"""Pages of control charts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext_lazy

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..models import ProcessReading
from .histogram import histogram
from .reckoning import FEWEST, draw, reckon
from .series import Key, Series, products_of, series_of

DRAWN = 200
RULE_WORDS = (
    pgettext_lazy("chart rule", "One point beyond 3 sigma"),
    pgettext_lazy("chart rule", "Two of three points beyond 2 sigma on one side"),
    pgettext_lazy("chart rule", "Four of five points beyond 1 sigma on one side"),
    pgettext_lazy("chart rule", "Eight points in a row on one side of the centre line"),
)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def title(one: Series) -> str:
    statistic = one.key.statistic
    said = str(ProcessReading.Statistic(statistic).label) if statistic not in ("", "value") else ""
    return " · ".join(part for part in (one.key.step, one.name, said) if part)


@page("lot")
def chart_list(request: PageRequest) -> HttpResponse:
    """What of a product can be charted, those with broken rules first, then by Cpk, the lowest first."""
    asked = number(request.GET.get("product", ""))
    customer = number(request.GET.get("customer", "")) or None
    known = series_of(request.actor, asked, customer=customer, now=now()) if asked is not None else None
    lines = []
    for one in known.series if known else ():
        address = {name: value for name, value in one.key._asdict().items() if value}
        if known and known.customer and one.key.characteristic:
            address["customer"] = known.customer
        lines.append((title(one), one, reckon(one.values, one.lower, one.upper), urlencode(address)))
    lines.sort(
        key=lambda line: (
            -len(line[2].recent),
            line[2].capability.cpk if line[2].capability else float("inf"),
            line[0],
        )
    )
    products = products_of(request.actor)
    context = {"known": known, "lines": lines, "products": products, "asked": asked, "rules": RULE_WORDS}
    return render(request, "quality/charts/list.html", context)


@page("lot")
def chart(request: PageRequest, identity: int) -> HttpResponse:
    """One chart. `lot` marks a lot, `base` says from how many of the first values the limits come, `customer` whose limits count."""
    given = request.GET
    key = Key(
        number(given.get("characteristic", "")) or 0, given.get("step", ""), given.get("parameter", ""), given.get("statistic", "")
    )  # fmt: skip
    customer = number(given.get("customer", "")) or None
    known = series_of(request.actor, identity, customer=customer, only=key, now=now())
    one = next((one for one in known.all if one.key == key), None)
    if one is None or known.customer != customer:  # a customer whom the actor does not see, or without limits
        raise Http404(identity)
    if len(one.values) < FEWEST:
        few = {"known": known, "one": one, "title": title(one), "product": known.product, "least": FEWEST}
        return render(request, "quality/charts/few.html", few)
    made = reckon(one.values, one.lower, one.upper, number(given.get("base", "")))
    shown = made.points[-DRAWN:]
    levels, ranges = [], [("low", 0.0)]
    if made.limits is not None:
        centre, sigma = made.limits.centre, made.limits.sigma
        levels = [("centre", centre), ("control", made.limits.lower), ("control", made.limits.upper)]
        levels += [("zone", centre + times * sigma) for times in (-2, -1, 1, 2)]
        ranges += [("centre", made.mean_range), ("control", made.range_upper)]
    levels += [("specified", limit) for limit in (one.lower, one.upper) if limit is not None]
    context = {
        "known": known, "one": one, "title": title(one), "made": made, "rules": RULE_WORDS,
        "values": draw(shown, levels, made.base), "ranges": draw(shown, ranges, made.base, is_ranges=True, height=150),
        "points": list(reversed(shown)), "hidden": len(made.points) - len(shown),
        "histogram": histogram([point.value.value for point in made.points], one.lower, one.upper),
        "marked": number(given.get("lot", "")), "product": known.product,
    }  # fmt: skip
    return render(request, "quality/charts/page.html", context)
