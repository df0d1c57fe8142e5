"""The lots of a case and of an investigation beside them; the cases of a lot on its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel
from bihuan.kernel.time import now
from bihuan.quality.lots.brief import briefs
from bihuan.quality.models import Lot

from ..models import Case, Investigation
from . import queries


@panel(
    "lot",
    title=pgettext_lazy("lot", "Complaints and other cases"),
    template="service/lots/cases.html",
    name="cases",
    object="case",
    icon="inbox",
    order=10,
    place="right",
)
def cases_of_lot(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any]:
    rows = queries.cases_about(actor, lot)
    return {"rows": rows[: queries.MOST], "is_more": len(rows) > queries.MOST}


@panel(
    "case",
    title=pgettext_lazy("case", "Lots"),
    template="service/lots/lots.html",
    name="lots",
    object="lot",
    icon="stack-2",
    order=5,
    place="side",
)
def lots_of_case(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    """What the lots of the case say; where a number may mean several lots, all of them, to choose from."""
    meant, shipped = queries.named_by(actor, case)
    sure = {lot.pk: lot for lots in meant.values() if len(lots) == 1 for lot in lots}
    sure |= {lot.pk: lot for lot in shipped}
    unclear = [{"key": key, "lots": lots[: queries.MOST]} for key, lots in meant.items() if len(lots) > 1]
    if not sure and not unclear:
        return None
    shown = list(sure.values())[: queries.MOST]
    return {
        "briefs": briefs(actor, shown, case.customer_id, now=now()),
        "more": len(sure) - len(shown),
        "unclear": unclear,
        "sees_tests": actor.may("lot_test"),
    }


@panel(
    "investigation",
    title=pgettext_lazy("case", "Lots"),
    template="service/lots/traces.html",
    name="lots",
    object="lot",
    icon="hierarchy",
    order=10,
    place="side",
)
def lots_of_investigation(actor: Actor, row: Investigation, request: HttpRequest) -> dict[str, Any] | None:
    lots = queries.lots_of_investigation(actor, row)
    return {"lots": lots} if lots else None
