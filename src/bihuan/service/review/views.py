"""The monthly review: the page, its PDF, minutes, decisions, signing off."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.documents import render_pdf
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..errors import CaseError
from ..forms import put_error
from ..promised import promised_now, promised_once
from . import services
from .forms import TOPICS, MinutesForm, decision_form
from .queries import find_review, minutes_of
from .reading import Asked, Read, asked_by, document_of, read_review
from .showing import chart_of, compared, frozen


def _asked(request: PageRequest) -> Asked:
    given = {name: request.GET.get(name, "") for name in ("period", "team", "kind", "tier", "product")}
    return asked_by(request.actor, given, promised_now(), now())


def _address(name: str, asked: Asked, **more: Any) -> str:
    given = {"period": asked.period.text, **asked.query}
    return f"{reverse(name, **more)}?{urlencode({key: value for key, value in given.items() if value})}"


@page("review")
def review(request: PageRequest) -> HttpResponse:
    """A month's figures beside those of the month before, and its minutes."""
    with promised_once() as promised:
        moment, asked = now(), _asked(request)
        read = read_review(request.actor, asked, promised, moment)
        return render(request, "service/review/page.html", _context(request, read))


def _context(request: PageRequest, read: Read) -> dict[str, Any]:
    actor, asked, row = request.actor, read.asked, read.review
    promised = promised_now()
    may_edit = asked.has_minutes and actor.may("review", "edit")
    kept = row.figures if row is not None and row.figures else None
    return {
        "read": read,
        "asked": asked,
        "kinds": promised.kind_labels().items(),
        "before": asked.period.before.text,
        "after": asked.period.after.text if asked.period.after.since_at <= now() else "",
        "cause_chart": chart_of(read.causes, _("Complaints")),
        "cost_chart": chart_of(read.cause_costs, pgettext("cost", "Amount")),
        "topics": [
            (label, read.minutes[0].topics[name])
            for name, label in TOPICS.items()
            if read.minutes and read.minutes[0].topics.get(name)
        ],
        "compared": compared(kept, [one for part in read.sections for one in part], read.sees_costs)
        if kept
        else [],
        "pdf_url": _address("review_pdf", asked),
        "minutes_url": _address("review_minutes", asked) if may_edit else "",
        "decision_url": _address("review_decision", asked) if may_edit else "",
        "sign_url": (
            _address("review_sign", asked)
            if asked.has_minutes
            and actor.may("review", "approve")
            and read.minutes
            and (row is None or row.signed_at is None)
            and asked.period.until_at <= now()
            else ""
        ),
        "may_edit": may_edit,
        "other_query": urlencode({name: value for name, value in asked.query.items() if value}),
        "today": now(),
    }


@page("review")
def review_pdf(request: PageRequest) -> HttpResponse:
    """The same on paper."""
    with promised_once() as promised:
        moment, asked = now(), _asked(request)
        read = read_review(request.actor, asked, promised, moment)
        data = document_of(read, promised, moment, _paper_words(read))
    answer = HttpResponse(
        render_pdf("service/monthly_review", data, at=moment), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="review-{asked.period.text}.pdf"'
    return answer


def _paper_words(read: Read) -> dict[str, Any]:
    return {
        "title": _("Monthly review of service") if read.asked.period.months == 1 else _("Quarterly review of service"),
        "lang": "zh" if (get_language() or "").startswith("zh") else "en",
        "whole": _("Whole company, as far as the reader sees it"),
        "period": _("Period"), "team": _("Team"), "made": _("Made at"), "narrowed": _("Narrowed to"),
        "head": [_("Figure"), _("This period"), _("Period before"), "n", _("Target")],
        "main": _("In short"), "on_time": _("On time, by clock"), "ageing": _("Open at the end, by age"),
        "costs": _("Quality cost"), "causes": _("Causes by number (Pareto)"), "cause_costs": _("Causes by cost (Pareto)"),
        "cumulated": _("Cumulated"), "actions": _("8D actions not done"),
        "action_head": [_("Investigation"), pgettext("8D", "Action"), pgettext("decision", "Who does it"), _("By")],
        "action_counts": _("%(open)s open, %(overdue)s of them overdue") % {"open": read.actions.open, "overdue": read.actions.overdue},
        "minutes": _("Minutes"), "attendees": _("Attendees"), "none": _("No minutes yet."),
        "decisions": _("Decisions and what became of earlier ones"),
        "decision_head": [_("What is to be done"), pgettext("decision", "Who does it"), _("By"), _("Done on")],
        "signed": _("Signed off by"), "not_signed": _("Not signed off"), "nothing": _("Nothing in this period."),
        "changed": _("Changed since it was signed off"),
        "changed_head": [_("Figure"), _("When signed off"), _("Now")],
        "topics": {name: str(label) for name, label in TOPICS.items()},
    }  # fmt: skip


def _key(asked: Asked) -> dict[str, Any]:
    return {"month": asked.period.first, "team": asked.team.pk if asked.team else None}


def _refuse_part(asked: Asked) -> None:
    if not asked.has_minutes:
        raise CaseError(_("Minutes are of a whole month: choose one, and no kind, tier or product."))


@page("review", "edit", methods=("GET", "POST"))
def review_minutes(request: PageRequest) -> HttpResponse:
    """The minutes, topic by topic; what is saved follows the wording before and leaves it as it is."""
    asked = _asked(request)
    wordings = minutes_of(find_review(request.actor, **_key(asked)))
    last = wordings[0] if wordings else None
    sending = request.method == "POST"
    initial = {
        "after": last.number if last else 0,
        "attendees": last.attendees if last else "",
        **(last.topics if last else {}),
    }
    form = MinutesForm(request.POST if sending else None, initial=initial)
    if sending and form.is_valid():
        try:
            _refuse_part(asked)
            services.write_minutes(
                actor=request.actor, **_key(asked), attendees=form.cleaned_data["attendees"], topics=form.topics(),
                after=form.cleaned_data["after"], now=now(),
            )  # fmt: skip
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, _address("review", asked), _("Saved."))
    title = _("Minutes of %(month)s") % {"month": asked.period.text}
    return dialog(request, title, form, _address("review_minutes", asked), icon="notes")


@page("review", "edit", methods=("GET", "POST"))
def review_decision(request: PageRequest) -> HttpResponse:
    """A decision with who does it by when."""
    asked = _asked(request)
    sending = request.method == "POST"
    form = decision_form(request.POST if sending else None, request.actor)
    if sending and form.is_valid():
        try:
            _refuse_part(asked)
            services.decide(actor=request.actor, **_key(asked), **form.cleaned_data, now=now())
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, _address("review", asked), _("Noted."))
    return dialog(request, _("New decision"), form, _address("review_decision", asked), icon="list-check")


@page("review", methods=("POST",))
def review_decision_done(request: PageRequest, identity: int) -> HttpResponse:
    services.finish_decision(actor=request.actor, decision=identity, now=now())
    return go(request, _address("review", _asked(request)), _("Done."))


@page("review", "approve", methods=("POST",))
def review_sign(request: PageRequest) -> HttpResponse:
    """Sign off: the figures are kept as they are now."""
    with promised_once() as promised:
        moment, asked = now(), _asked(request)
        try:
            _refuse_part(asked)
            read = read_review(request.actor, asked, promised, moment)
            services.sign_off(actor=request.actor, **_key(asked), figures=frozen(read.sections), now=moment)
        except CaseError as error:
            return go(request, _address("review", asked), str(error))
    return go(request, _address("review", asked), _("Signed off."))
