"""A case that is not ours: refused with a reason, told to the customer; its clocks stop, and it can be reopened."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from ..errors import CaseError
from ..models import Case
from ..objection.holding import refuse_open_objection
from ..wording import REFUSAL_WORDS
from .step import append, journal, live_case, refuse_ended, settle, text_given


@transaction.atomic
def refuse_case(*, actor: Actor, case: Case, code: str, text: str, now: datetime) -> Case:
    """Say no, with what the customer is told: that is the answer, which stops the first response. All clocks stop.

    Refused itself: a code that is none, nothing told, a case that is solved or over, one whose objection is open.
    """
    row = live_case(actor, case)
    refuse_ended(row)
    refuse_open_objection(row)
    if code not in REFUSAL_WORDS:
        raise CaseError(_("There is no such choice."), "code")
    text = text_given(text, "text", _("Write what the customer is told."))
    row.closed_at = now
    append(row, actor, "responded", now, {"text": text})
    append(row, actor, "refused", now, {"code": code})
    append(row, actor, "closed", now, {"refused": True})
    journal(row, actor, now, "refused", after={"code": code})
    return settle(row, now, "closed_at")
