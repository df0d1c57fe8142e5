"""Texts of the company's to begin with: for new cases, answers and notes, in the manner of wordings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.audit.services import record
from bihuan.customers.models import Contact, Customer
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.pages.values import write_moment
from bihuan.messaging.channel_settings import settings_of
from bihuan.messaging.queueing import default_channel
from bihuan.messaging.wordings import Template, Wording, fill, unknown_variables
from bihuan.people.models import User

from ..errors import CaseError
from ..models import Case, CaseClock, CaseTemplate

# What may stand in braces, with an example each. A new case has no number yet, and nothing is due.
ABOUT_CUSTOMER = {"customer": "演示宏远化工", "contact": "王工", "signature": "李敏\n演示化工"}
ABOUT_CASE = ABOUT_CUSTOMER | {
    "number": "2603-000007",
    "title": "3 月批次酸度偏高",
    "due": "2026-03-02 15:00",
}
USES = {
    CaseTemplate.Use.CASE: gettext_lazy("For new cases"),
    CaseTemplate.Use.ANSWER: gettext_lazy("For answers to the customer"),
    CaseTemplate.Use.NOTE: gettext_lazy("For internal notes"),
}
NOT_KNOWN = "____"


def variables(use: str) -> Mapping[str, str]:
    return ABOUT_CUSTOMER if use == CaseTemplate.Use.CASE else ABOUT_CASE


def offered(use: str) -> list[CaseTemplate]:
    return list(CaseTemplate.objects.filter(use=use, is_active=True).order_by("name", "id")[:100])


def find_template(use: str, text: str) -> CaseTemplate | None:
    """The template that a form names, if it is one of that use."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return CaseTemplate.objects.filter(pk=int(text), use=use, is_active=True).first()


def filled(template: CaseTemplate, values: Mapping[str, str]) -> str:
    """The text with what is known filled in; what is not known yet is a line to write on."""
    known = {name: values.get(name) or NOT_KNOWN for name in variables(template.use)}
    return fill(_declared(template.use), Wording("", template.body), known).body


def preview(use: str, body: str) -> str:
    return fill(_declared(use), Wording("", body), variables(use)).body


def _declared(use: str) -> Template:
    return Template(f"case_template.{use}", {}, variables(use), {})


def values_for_customer(
    actor: Actor, customer: Customer | None, contact: Contact | None = None
) -> dict[str, str]:
    return {
        "customer": customer.name if customer else "",
        "contact": contact.name if contact else "",
        "signature": signature_of(actor),
    }


def values_for_case(actor: Actor, case: Case) -> dict[str, str]:
    due = (
        CaseClock.objects.filter(case=case, stopped_at=None)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return values_for_customer(actor, case.customer, case.contact) | {
        "number": case.number,
        "title": case.title,
        "due": write_moment(due) if due else "",
    }


def signature_of(actor: Actor) -> str:
    """Name, telephone and the name under which we write."""
    person = User.objects.filter(pk=actor.user_id or 0).first()
    channel = default_channel()
    ours = settings_of(channel).sender_name if channel else ""
    return "\n".join(one for one in (actor.name, person.phone if person else "", ours) if one)


@transaction.atomic
def save_template(
    *, actor: Actor, template: CaseTemplate | None, now: datetime, use: str, name: str, body: str, kind: str = "",
    severity: int | None = None, title: str = "", is_active: bool = True,
) -> CaseTemplate:  # fmt: skip
    """Keep a template. Refused: a second one of that use and name, words in braces that nobody fills."""
    require(actor, "setting", "edit")
    unknown = unknown_variables(_declared(use), Wording(title, body))
    if unknown:
        raise CaseError(
            _("Nobody fills {{ %(name)s }}. Known: %(known)s.")
            % {"name": unknown[0], "known": ", ".join(variables(use))},
            "body",
        )
    if CaseTemplate.objects.filter(use=use, name=name).exclude(pk=template.pk if template else 0).exists():
        raise CaseError(_("Another template has this name."), "name")
    row = template or CaseTemplate()
    before = None if row.pk is None else _facts(row)
    is_case = use == CaseTemplate.Use.CASE
    row.use, row.name, row.body, row.is_active = use, name, body.replace("\r\n", "\n"), is_active
    row.kind, row.severity, row.title = (kind, severity, title) if is_case else ("", None, "")
    row.updated_at, row.updated_by = now, actor.name[:150]
    row.save()
    record(
        actor,
        now,
        "case_template.changed" if before else "case_template.created",
        row,
        before=before,
        after=_facts(row),
    )
    return row


def _facts(row: CaseTemplate) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in ("use", "name", "body", "kind", "severity", "title", "is_active")
    }
