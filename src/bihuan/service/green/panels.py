"""The green channel on the case's page, and what one is asked on Today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel, today_section
from bihuan.kernel.time import now

from ..models import Case, GreenRequest
from ..promised import promised_now
from ..queries import may_on
from ..wording import say_length
from .asking import green_now
from .queries import asked_of_me, executive_clock, requests_of, stands_in_for
from .wording import ANSWER_TONES, PARTY_WORDS


def percent(share: Any) -> str:
    return "" if share is None else f"{(share * 100).normalize():f} %"


def _line(one: GreenRequest, moment: datetime, mine: set[int]) -> dict[str, Any]:
    left = one.due_at - moment
    late = left < timedelta(0)
    text = (_("%(length)s overdue") if late else _("%(length)s left")) % {"length": say_length(left)}
    return {
        "one": one, "to": PARTY_WORDS.get(one.to, one.to), "late": late, "text": text,
        "share": percent(one.capacity_share), "granted": percent(one.granted_share),
        "tone": ANSWER_TONES.get(one.answer, ""), "is_mine": one.asked_id in mine,
    }  # fmt: skip


@panel(
    "case",
    title=gettext_lazy("Green channel"),
    template="service/green/panel.html",
    name="green",
    object="case",
    icon="bolt",
    order=5,
    place="side",
)
def green_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    promised = promised_now()
    is_green, rows = green_now(case, promised), requests_of(case)
    if not (is_green or rows):
        return None
    moment = now()
    green = promised.matrix.green_channel
    clock = executive_clock(case, green.clock)
    may_edit = case.closed_at is None and may_on(actor, case, "edit")
    mine = {actor.user_id or 0} | (stands_in_for(actor, moment) if rows else set())
    return {
        "lines": [_line(one, moment, mine) for one in rows],
        "clock": clock,
        "clock_label": promised.clock_label(green.clock),
        "is_late": clock is not None and clock.stopped_at is None and clock.due_at < moment,
        "may_freeze": green.may_freeze_schedule,
        "may_ask": may_edit and is_green,
        "may_edit": may_edit,
        "is_open": case.closed_at is None,
    }


@today_section(
    title=gettext_lazy("Asked of me for critical cases"),
    template="service/green/today.html",
    name="green_requests",
    object="case",
    icon="bolt",
    order=6,
)
def asked_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = asked_of_me(actor, moment)
    return {"lines": [_line(one, moment, set()) for one in rows], "me": actor.user_id} if rows else None
