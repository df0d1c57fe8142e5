"""Cases on shared pages: menu, palette, Today, the customer's page and timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import (
    Happening,
    Suggestion,
    menu_item,
    next_action,
    palette_action,
    palette_search,
    panel,
    timeline_source,
    today_section,
)
from bihuan.kernel.time import now

from . import lists, queries
from .green.wording import REQUEST
from .models import Case, CaseNotice, InvestigationNotice
from .promised import LATE, Promised, promised_now
from .wording import say_length

menu_item(
    lists.CASES.title, "cases", "inbox", object="case", section="work", order=25, thumb=True, keys="g s"
)
palette_action(
    gettext_lazy("New case"),
    "case_create",
    "inbox",
    object="case",
    action="create",
    words="new case ticket complaint 新建 服务单 投诉 异议 咨询 xjfwd",
    dialog=True,
    keys="c",
)


palette_action(
    gettext_lazy("Reckon open clocks anew"),
    "clocks_recompute",
    "refresh",
    object="setting",
    action="administer",
    words="holidays calendar clocks 节假日 重算 时限 jjr cs",
    dialog=True,
)


@palette_search
def find_cases(actor: Actor, text: str) -> list[dict[str, Any]]:
    if not actor.may("case"):
        return []
    return [
        {
            "label": f"{case.number} {case.title}",
            "hint": case.customer.name,
            "url": reverse("case", args=[case.pk]),
            "icon": "inbox",
        }
        for case in queries.find_cases(actor, text)
    ]


def due_line(case: Case, moment: datetime, labels: dict[str, str]) -> dict[str, Any]:
    """A case with what is due of it next, for cards."""
    left = None if case.next_due_at is None else case.next_due_at - moment
    late = left is not None and left.total_seconds() < 0
    text = ""
    if left is not None:
        text = (_("%(length)s overdue") if late else _("%(length)s left")) % {"length": say_length(left)}
    return {
        "case": case,
        "text": text,
        "late": late,
        "kind": labels.get(case.next_due_kind, case.next_due_kind),
    }


@today_section(
    title=gettext_lazy("My cases, by what is due"),
    template="service/panels/due_today.html",
    name="due_cases",
    object="case",
    icon="clock",
    order=8,
)
def due_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.my_due_cases(actor)
    if not rows:
        return None
    labels = promised_now().clock_labels()
    return {"lines": [due_line(case, moment, labels) for case in rows]}


@today_section(
    title=gettext_lazy("Deadlines I was warned of"),
    template="service/panels/notices_today.html",
    name="case_notices",
    object="case",
    icon="bell",
    order=10,
)
def notices_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.my_notices(actor)
    if not rows:
        return None
    promised = promised_now()
    return {"lines": [{"notice": one, "text": said(one, clock_said(one, promised))} for one in rows]}


@today_section(
    title=gettext_lazy("Customers to call back"),
    template="service/panels/call_backs_today.html",
    name="call_backs",
    object="case",
    action="edit",
    icon="phone",
    order=9,
)
def call_backs_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.my_call_backs(actor)
    if not rows:
        return None
    lines = []
    for one in rows:
        left = one.due_at - moment
        late = left.total_seconds() < 0
        text = (_("%(length)s overdue") if late else _("%(length)s left")) % {"length": say_length(left)}
        lines.append({"clock": one, "late": late, "text": text})
    return {"lines": lines}


def clock_said(notice: CaseNotice, promised: Promised) -> str:
    return str(REQUEST) if notice.kind.startswith("green.") else promised.clock_label(notice.kind)


def said(notice: CaseNotice | InvestigationNotice, clock: str) -> str:
    if notice.level == 0:
        return _("%(clock)s: you are asked for at once") % {"clock": clock}
    if notice.level >= LATE:
        return _("%(clock)s is overdue") % {"clock": clock}
    return _("%(clock)s: %(share)s%% of the time is used") % {"clock": clock, "share": notice.level}


@panel(
    "customer",
    title=pgettext_lazy("service", "Cases"),
    template="service/panels/cases.html",
    name="cases",
    object="case",
    icon="inbox",
    order=20,
)
def cases_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    rows = queries.open_cases_of(actor, customer)
    labels = promised_now().clock_labels() if rows else {}
    moment = now()
    return {
        "lines": [due_line(case, moment, labels) for case in rows],
        "may_create": actor.may("case", "create"),
    }


@timeline_source("customer", name="cases", label=pgettext_lazy("service", "Cases"), object="case")
def case_happenings(actor: Actor, customer: Customer, before: datetime, limit: int) -> list[Happening]:
    return [
        Happening(
            at=row.opened_at,
            title=f"{row.number} {row.title}",
            icon="inbox",
            url=reverse("case", args=[row.pk]),
            kind="cases",
        )
        for row in queries.cases_of(actor, customer, before, limit)
    ]


@next_action("customer")
def late_case(actor: Actor, customer: Customer, moment: datetime) -> Suggestion | None:
    """A promise that is overdue comes before everything else."""
    if not actor.may("case"):
        return None
    row = queries.late_case_of(actor, customer, moment)
    if row is None or row.next_due_at is None:
        return None
    return Suggestion(
        rank=5,
        text=_("Case %(number)s is %(length)s overdue")
        % {"number": row.number, "length": say_length(moment - row.next_due_at)},
        icon="alert-triangle",
        url=reverse("case", args=[row.pk]),
        reason=row.title,
    )


from . import journal_words, panels_investigation, panels_notices  # noqa: E402, F401  found by the same name
from .correspondence import panels as panels_correspondence  # noqa: E402, F401
from .dispatch import panels as _of_dispatch  # noqa: E402, F401  and these
from .finding import panels as finding_panels  # noqa: E402, F401
from .green import panels as green_panels  # noqa: E402, F401
from .lots import panels as _lot_panels  # noqa: E402, F401
from .objection import panel as _objection_panel  # noqa: E402, F401  found by the same name
from .references import panels as reference_panels  # noqa: E402, F401
from .review import panels as _review_panels  # noqa: E402, F401  as above
