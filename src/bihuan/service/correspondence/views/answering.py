"""The dialog in which a customer is answered, by mail or as somebody said it; what is held, confirmed or refused."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.customers.views.answers import go
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.messaging.wordings import render as worded

from ... import queries, services
from ...errors import CaseError
from ...forms import put_error
from ...models import Case, CaseMail, CaseTemplate
from .. import templates
from ..answering import addresses_in, answer_by_mail, channel_for, last_received
from ..deciding import confirm_mail, refuse_mail
from ..files import sendable
from ..forms import AnswerForm, MailForm, addresses_of, template_choices
from ..matching import on_case

BY_MAIL, BY_WORD = "mail", "word"
ANSWER = CaseTemplate.Use.ANSWER


def answer(request: PageRequest, identity: int) -> HttpResponse:
    """Called by the steps' view, which guards it."""
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "edit"):
        raise NotAllowed("case", "edit")
    may_mail = FieldClass.CONTACT in request.actor.classes("case", "edit") and channel_for(case) is not None
    addresses = addresses_of(request.actor, case) if may_mail else []
    sending = request.method == "POST"
    asked = (request.POST if sending else request.GET).get("by", "")
    by = asked if asked in (BY_MAIL, BY_WORD) else _usual(case, may_mail and not sending)
    if by == BY_MAIL and not may_mail:
        by = BY_WORD
    form = _form(request, case, by, addresses)
    if sending and form.is_valid():
        try:
            done = _take(request.actor, case, by, form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[done.pk]))
    context = {
        "title": pgettext("case step", "Answer"),
        "icon": "send",
        "case": case,
        "form": form,
        "by": by,
        "may_mail": may_mail,
        "url": reverse("case_step", args=[identity, "respond"]),
        "texts": template_choices(ANSWER),
        "template": request.GET.get("template", ""),
        "addresses": addresses,
        "channel": channel_for(case) if by == BY_MAIL else None,
    }
    template = (
        "service/correspondence/answer.html" if request.htmx else "service/correspondence/answer_page.html"
    )
    return render(request, template, context, status=422 if form.is_bound else 200)


def _usual(case: Case, may_mail: bool) -> str:
    """By mail where the customer wrote one."""
    return BY_MAIL if may_mail and (case.channel == "mail" or last_received(case) is not None) else BY_WORD


def _form(request: PageRequest, case: Case, by: str, addresses: list[tuple[str, str]]) -> Any:
    if request.method == "POST":
        return MailForm(request.POST, files=sendable(case)) if by == BY_MAIL else AnswerForm(request.POST)
    picked = templates.find_template(ANSWER, request.GET.get("template", ""))
    values = templates.values_for_case(request.actor, case)
    text = templates.filled(picked, values) if picked else request.GET.get("text", "")
    if by == BY_WORD:
        return AnswerForm(initial={"text": text})
    if not picked and not text:
        text = "\n\n\n" + values["signature"]
    last = last_received(case)
    own = case.contact.email if case.contact and addresses else ""
    initial = {
        "to": request.GET.get("to") or (last.sender if last else "") or own,
        "cc": request.GET.get("cc", ""),
        "subject": request.GET.get("subject") or subject_for(case),
        "text": text,
        "attached": request.GET.getlist("attached"),
    }
    return MailForm(initial=initial, files=sendable(case))


def subject_for(case: Case) -> str:
    """The subject of an answer as the company words it, with the number by which the case is found."""
    values = {"reference": case.number, "subject": case.title, "text": "", "writer": "", "company": ""}
    return worded("message_reply", values).subject


def _take(actor: Actor, case: Case, by: str, given: dict[str, Any]) -> Case:
    if by == BY_WORD:
        return services.respond(actor=actor, case=case, text=given["text"], now=now())
    return answer_by_mail(
        actor=actor,
        case=case,
        subject=given["subject"],
        text=given["text"],
        to=addresses_in(given["to"]),
        cc=addresses_in(given["cc"]),
        file_ids=[int(one) for one in given.get("attached", [])],
        once=given["once"],
        now=now(),
    )


@page("case", "edit", methods=("POST",))
def mail_confirm(request: PageRequest, identity: int, mail_id: int) -> HttpResponse:
    """A held mail is the customer's."""
    mail = _held(request, identity, mail_id)
    done = confirm_mail(actor=request.actor, mail=mail, now=now())
    return go(request, reverse("case", args=[done.pk]), _("The mail was taken in."))


@page("case", "edit", methods=("POST",))
def mail_refuse(request: PageRequest, identity: int, mail_id: int) -> HttpResponse:
    """A held mail is not the customer's."""
    mail = _held(request, identity, mail_id)
    try:
        refuse_mail(actor=request.actor, mail=mail, now=now())
    except CaseError as error:
        return go(request, reverse("case", args=[identity]), str(error))
    return go(request, reverse("case", args=[identity]), _("The mail was put away; it stays kept."))


def _held(request: PageRequest, identity: int, mail_id: int) -> CaseMail:
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "edit"):
        raise NotAllowed("case", "edit")
    rows = CaseMail.objects.filter(on_case(case), pk=mail_id, incoming__isnull=False)
    row = rows.select_related("case").first()
    if row is None:
        raise Http404(mail_id)
    return row
