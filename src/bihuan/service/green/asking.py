"""Asking others to hold goods or capacity for a case, and their answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.kernel.pages.labels import in_language
from bihuan.people.models import User

from ..errors import CaseError
from ..escalating import Concerned, People
from ..matrix import is_green
from ..matrix.model import PARTIES
from ..models import Case, CaseClock, CaseNotice, GreenRequest
from ..promised import Promised, promised_now
from ..queries import may_on
from ..records import CASE
from ..services.step import append, attributes_of, journal, live_case, refuse_closed, settle, text_given
from .queries import may_answer
from .rules import moments_of

AT_ONCE = 0
MOST_WHAT, MOST_REASON = 300, 500
HOURS = 2


def green_now(case: Case, promised: Promised) -> bool:
    """Whether the matrix sends the case through the green channel."""
    return is_green(promised.matrix, promised.attributes(**attributes_of(case)))


@transaction.atomic
def open_green_channel(*, case_id: int, now: datetime) -> int:
    """What happens at once when a case has become critical: executives are told, and the matrix' requests are made.

    Returns how many requests were made. Done again, it finds nothing to do.
    """
    case = Case.objects.select_for_update().select_related("customer").filter(pk=case_id).first()
    promised = promised_now()
    if case is None or case.closed_at is not None or not green_now(case, promised):
        return 0
    green = promised.matrix.green_channel
    known = set(GreenRequest.objects.filter(case=case).values_list("request", flat=True))
    people = People.present(now, is_working_time=promised.is_working_time(now))
    # What is written for everybody is written in the company's own language.
    with translation.override("zh-hans"):
        made = [
            _make(
                case, people, now, request=one.id, to=one.to, what=in_language(one.label) or one.id,
                share=_decimal(one.capacity_share), hours=one.hours, asked_by=SYSTEM.name,
            )
            for one in green.requests
            if one.id not in known
        ]  # fmt: skip
    clock = CaseClock.objects.filter(case=case, kind=green.clock, stopped_at=None).first()
    if clock is not None:
        told = people.told(_of(case), ["executive"])
        CaseNotice.objects.bulk_create(
            (
                CaseNotice(
                    case=case, recipient_id=person, kind=clock.kind, run=clock.run, level=AT_ONCE,
                    due_at=clock.due_at, at=now, instead_of_id=absent,
                )
                for person, absent in sorted(told.items())
            ),
            ignore_conflicts=True,
        )  # fmt: skip
    if made:
        append(
            case, SYSTEM, "green_asked", now, {"text": "\n".join(one.what for one in made)}, is_internal=True
        )
        settle(case, now)
        journal(case, SYSTEM, now, "green_asked", after={"requests": [one.what for one in made]})
    return len(made)


def _of(case: Case) -> Concerned:
    return Concerned(case.owner_id, case.team_id, case.customer.owner_a_id)


def _decimal(share: Fraction | None) -> Decimal | None:
    return (
        None if share is None else (Decimal(share.numerator) / share.denominator).quantize(Decimal("0.0001"))
    )


def _make(
    case: Case,
    people: People,
    now: datetime,
    *,
    request: str,
    to: str,
    what: str,
    share: Decimal | None,
    hours: int,
    asked_by: str,
    needed_until: datetime | None = None,
) -> GreenRequest:
    told = people.told(_of(case), [to])
    due_at = now + timedelta(hours=hours)
    moments = moments_of(now, due_at, promised_now().matrix.escalation[str(case.severity)])
    return GreenRequest.objects.create(
        case=case, request=request, to=to, what=what[:MOST_WHAT], capacity_share=share, needed_until=needed_until,
        asked_id=min(told, default=None), asked_by=asked_by[:150], asked_at=now, due_at=due_at, moments=moments,
        next_moment_at=min((datetime.fromisoformat(str(one[1])) for one in moments), default=None),
    )  # fmt: skip


@transaction.atomic
def ask_to_hold(
    *,
    actor: Actor,
    case: Case,
    to: str,
    what: str,
    now: datetime,
    share: Decimal | None = None,
    needed_until: datetime | None = None,
    asked: User | None = None,
) -> GreenRequest:
    """Ask a department for something more. Refused: a case that is not in the green channel, or ended; no text; a share that
    is none; a time that has passed. Without a person the department's post says who is asked."""
    row = live_case(actor, case)
    refuse_closed(row)
    promised = promised_now()
    if not green_now(row, promised):
        raise CaseError(_("Only critical cases go through the green channel."))
    if to not in PARTIES:
        raise CaseError(_("There is no such choice."), "to")
    what = text_given(what, "what", _("Say what is to be held."))[:MOST_WHAT]
    _refuse_share(share, "share")
    if needed_until is not None and needed_until <= now:
        raise CaseError(_("This moment has passed."), "needed_until")
    if asked is not None and not asked.is_active:
        raise CaseError(_("%(name)s does not work here any more.") % {"name": asked.name}, "asked")
    people = People.present(now, is_working_time=promised.is_working_time(now))
    made = _make(
        row, people, now, request="", to=to, what=what, share=share, hours=HOURS, asked_by=actor.name,
        needed_until=needed_until,
    )  # fmt: skip
    if asked is not None:
        made.asked = asked
        made.save(update_fields=["asked"])
    append(row, actor, "green_asked", now, {"text": what}, is_internal=True)
    journal(row, actor, now, "green_asked", after={"to": to, "what": what})
    settle(row, now)
    return made


def _refuse_share(share: Decimal | None, field: str) -> None:
    if share is not None and not 0 < share <= 1:
        raise CaseError(_("A share of the capacity lies between 0 and 100 %."), field)


@transaction.atomic
def answer_request(
    *,
    actor: Actor,
    request_id: int,
    answer: str,
    now: datetime,
    reason: str = "",
    share: Decimal | None = None,
) -> GreenRequest:
    """Grant, grant in part, or refuse; with a reason unless all is granted. Refused: a second answer, somebody who was not
    asked and does not work on the case."""
    case = CASE.visible_to(actor).filter(green_requests=request_id).first()
    if case is None:
        raise Http404("request")
    row = live_case(actor, case, "view")
    # Locked with its case: of two who answer at once the second is told.
    made = GreenRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if not (may_answer(actor, made, now) or may_on(actor, row, "edit")):
        raise NotAllowed("case", "edit")
    if made.answer:
        raise CaseError(_("%(name)s has answered already.") % {"name": made.answered_by})
    if answer not in _given():
        raise CaseError(_("There is no such choice."), "answer")
    reason = reason.strip()
    if answer != GreenRequest.Answer.GRANTED and not reason:
        raise CaseError(_("Say why not, or why not all of it."), "reason")
    if len(reason) > MOST_REASON:
        raise CaseError(
            _("At most %(most)s characters; here are %(count)s.")
            % {"most": MOST_REASON, "count": len(reason)},
            "reason",
        )
    _refuse_share(share, "share")
    if answer == GreenRequest.Answer.REFUSED:
        share = None
    elif answer == GreenRequest.Answer.GRANTED:
        share = share or made.capacity_share
    made.answer, made.reason, made.granted_share = answer, reason, share
    made.answered_by, made.answered_at, made.next_moment_at = actor.name[:150], now, None
    made.save(
        update_fields=["answer", "reason", "granted_share", "answered_by", "answered_at", "next_moment_at"]
    )
    append(
        row, actor, "green_answered", now,
        {"request": made.pk, "what": made.what, "answer": answer, "reason": reason}, is_internal=True,
    )  # fmt: skip
    journal(row, actor, now, "green_answered", after={"what": made.what, "answer": answer})
    settle(row, now)
    return made


def _given() -> Iterable[str]:
    return [one.value for one in GreenRequest.Answer if one.value]


@transaction.atomic
def follow_merged(*, case_id: int) -> int:
    """What was asked for a merged case and not answered is asked for the case that took it in; how many."""
    survivor = Case.objects.filter(pk=case_id).values_list("merged_into", flat=True).first()
    if survivor is None:
        return 0
    return GreenRequest.objects.filter(case=case_id, answer="").update(case=survivor, request="")
