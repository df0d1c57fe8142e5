"""What a case refers to, beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel
from bihuan.kernel.references import reference_kind

from ..models import Case, CaseReference
from ..queries import may_on
from .reading import addresses


@panel(
    "case",
    title=gettext_lazy("What it is about"),
    template="service/references/panel.html",
    name="references",
    object="case",
    icon="link",
    order=4,
    place="side",
)
def references_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    rows = list(CaseReference.objects.filter(case=case).order_by("kind", "id"))
    may_edit = case.merged_into_id is None and may_on(actor, case, "edit")
    if not rows and not may_edit:
        return None
    urls = addresses(actor, case, rows)
    lines = []
    for one in rows:
        kind = reference_kind(one.kind)
        lines.append(
            {"one": one, "kind": kind.label if kind else one.kind, "url": urls.get((one.kind, one.key), "")}
        )
    return {"lines": lines, "may_edit": may_edit}
