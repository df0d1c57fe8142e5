"""Certificates on shared pages: the menu, Today, and the lot's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, panel, today_section

from ..models import Lot
from ..naming import lot_name
from ..published.addresses import address_of
from . import lists, queries, wording  # noqa: F401  (words for the journal)
from .second import panels as _second  # noqa: F401  (registers)
from .second.queries import drafts_of_lot

menu_item(
    lists.CERTIFICATES.title, "certificates", "certificate", object="certificate", section="work", order=29
)


@panel(
    "lot", title=pgettext_lazy("certificate", "Certificates"), template="quality/certificates/panel.html", name="certificates", object="certificate",
    icon="certificate", order=30, place="side",
)  # fmt: skip
def certificates_panel(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    """A lot's certificates, and the way to the next one."""
    issue = f"{reverse('certificate_issue')}?{urlencode({'lot': lot_name(lot)})}"
    return {
        "rows": queries.certificates_of(actor, lot),
        "drafts": drafts_of_lot(actor, lot) if actor.may("certificate", "sign") else [],
        "issue_url": issue if actor.may("certificate", "sign") else "",
        "publish_url": reverse("publication", args=[lot.product_id]) if actor.may("product", "edit") else "",
        "address": address_of(lot, request.build_absolute_uri("/")),
    }


@today_section(
    title=_("Certificates that changed since they were signed"), template="quality/certificates/today.html",
    name="certificate_notices", object="certificate", icon="certificate", order=11,
)  # fmt: skip
def notices_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    notices = queries.my_notices(actor)
    return {"notices": notices} if notices else None
