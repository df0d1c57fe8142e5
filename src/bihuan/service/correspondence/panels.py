"""Correspondence on shared pages: Today, the case's side column, the tabs of messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel, today_section
from bihuan.messaging.models import InMessage
from bihuan.messaging.views.tabs import add_tab

from ..models import Case, CaseNews
from .mentions import wishes_mail
from .queries import my_news

add_tab("mail_case_channels", _("Cases from mail"), "channel")
add_tab("case_templates", _("Case templates"), "setting")

WORDS: dict[str, Any] = {
    CaseNews.Kind.MENTIONED: pgettext_lazy("case news", "mentioned you"),
    CaseNews.Kind.RECEIVED: pgettext_lazy("case news", "wrote"),
    CaseNews.Kind.HELD: pgettext_lazy("case news", "An unknown sender wrote; is it the customer?"),
    CaseNews.Kind.RETURNED: pgettext_lazy("case news", "A mail came back"),
    CaseNews.Kind.UNDELIVERED: pgettext_lazy("case news", "A mail could not be delivered"),
}
ICONS = {
    CaseNews.Kind.MENTIONED: "message",
    CaseNews.Kind.RECEIVED: "mail",
    CaseNews.Kind.HELD: "user-question",
    CaseNews.Kind.RETURNED: "arrow-back-up",
    CaseNews.Kind.UNDELIVERED: "alert-triangle",
}
NAMES_WRITER = {CaseNews.Kind.MENTIONED, CaseNews.Kind.RECEIVED}
IS_TROUBLE = {CaseNews.Kind.RETURNED, CaseNews.Kind.UNDELIVERED}


@today_section(
    title=_("Mails and mentions"),
    template="service/correspondence/news_today.html",
    name="case_news",
    object="case",
    icon="message",
    order=9,
)
def news_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = my_news(actor)
    if not rows:
        return None
    lines = [
        {
            "news": one,
            "who": one.event.actor_name if one.kind in NAMES_WRITER else "",
            "word": WORDS[one.kind],
            "icon": ICONS[CaseNews.Kind(one.kind)],
            "trouble": one.kind in IS_TROUBLE,
        }
        for one in rows
    ]
    return {"lines": lines, "by_mail": wishes_mail(actor)}


@panel(
    "case",
    title=_("Forged sender"),
    template="service/correspondence/held_panel.html",
    name="held_mail",
    object="case",
    icon="alert-triangle",
    order=5,
    place="side",
)
def held_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    """Mails that name the case and whose sender is forged: they wait in the inbox."""
    forged = list(
        InMessage.objects.filter(about=f"case:{case.pk}", state=InMessage.State.WAITING).order_by("id")[:20]
    )
    return {"forged": forged} if forged else None
