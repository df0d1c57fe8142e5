"""What is like a case, beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel

from ..models import Case
from ..promised import promised_now
from .similar import Similar, similar_cases
from .wording import reasons


@panel(
    "case",
    title=_("Similar cases"),
    template="service/finding/panel.html",
    name="similar",
    object="case",
    icon="versions",
    order=30,
    place="side",
)
def similar_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    found = similar_cases(actor, case)
    return {"lines": drawn(found)} if found else None


def drawn(found: list[Similar]) -> list[dict[str, Any]]:
    """Each with its status and its reasons in words."""
    stages = promised_now().stage_labels()
    return [
        {"case": one.case, "stage": stages.get(one.case.stage, one.case.stage), "reasons": reasons(one)}
        for one in found
    ]
