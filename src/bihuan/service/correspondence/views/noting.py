"""Mentions: who may be named, what one was told; and the texts to begin with."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.messaging.access import require_all, sees_all
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.views.tabs import tabs

from ... import queries
from ...errors import CaseError
from ...forms import put_error
from ...models import CaseTemplate
from ...promised import promised_now
from .. import templates
from ..forms import TemplateForm
from ..mentions import suggestions, wish_mail
from ..telling import put_news_aside


@page("case", "note")
def case_mentions(request: PageRequest, identity: int) -> HttpResponse:
    """Colleagues whose names go on as what was typed after “@”; only such as may see the case."""
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "note"):
        raise NotAllowed("case", "note")
    people = suggestions(request.actor, case, request.GET.get("q", ""))
    return render(request, "service/correspondence/mentions.html", {"people": people})


@page("case", "note")
def case_note_text(request: PageRequest, identity: int) -> HttpResponse:
    """The text of a template for a note on this case."""
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "note"):
        raise NotAllowed("case", "note")
    picked = templates.find_template(CaseTemplate.Use.NOTE, request.GET.get("template", ""))
    text = templates.filled(picked, templates.values_for_case(request.actor, case)) if picked else ""
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@page("case", methods=("POST",))
def case_news_read(request: PageRequest) -> HttpResponse:
    """Put aside what one was told of mails and mentions."""
    text = request.POST.get("case", "")
    one = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    put_news_aside(actor=request.actor, case_id=one, now=now())
    return HttpResponse("") if request.htmx else HttpResponseRedirect(reverse("today"))


@page("case", methods=("POST",))
def case_mentions_mail(request: PageRequest) -> HttpResponse:
    """Whether one wants to be told of mentions by mail, too."""
    try:
        wish_mail(actor=request.actor, wanted=bool(request.POST.get("wanted")), now=now())
        messages.success(request, _("Saved."))
    except CaseError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("today"))


@page("setting")
def case_templates(request: PageRequest) -> HttpResponse:
    require_all(request.actor, "setting")
    rows = list(CaseTemplate.objects.order_by("name", "id"))
    groups = [(use, label, [one for one in rows if one.use == use]) for use, label in templates.USES.items()]
    context = {
        "groups": groups,
        "kinds": promised_now().kind_labels(),
        "may_edit": sees_all(request.actor, "setting", "edit"),
        **tabs(request.actor, "case_templates"),
    }
    return render(request, "service/correspondence/templates.html", context)


@page("setting", "edit", methods=("GET", "POST"))
def case_template_create(request: PageRequest, use: str) -> HttpResponse:
    if use not in templates.USES:
        raise Http404(use)
    return _form(request, use, None)


@page("setting", "edit", methods=("GET", "POST"))
def case_template(request: PageRequest, identity: int) -> HttpResponse:
    row = CaseTemplate.objects.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return _form(request, row.use, row)


def _form(request: PageRequest, use: str, row: CaseTemplate | None) -> HttpResponse:
    require_all(request.actor, "setting", "edit")
    names = ("name", "kind", "severity", "title", "body", "is_active")
    initial = {name: getattr(row, name) for name in names} if row else {}
    form = TemplateForm(request.POST or None, initial=initial, use=use, promised=promised_now())
    shown = row.body if row else ""
    if form.is_bound and form.is_valid():
        shown = form.cleaned_data["body"]
        if not request.POST.get("only_preview"):
            try:
                templates.save_template(actor=request.actor, template=row, use=use, now=now(), **form.facts())
                return go(request, reverse("case_templates"), _("Saved."))
            except CaseError as error:
                put_error(form, error)
    try:
        preview = templates.preview(use, shown) if shown else ""
    except MessagingError:  # words in braces that nobody fills: the form says so when it is saved
        preview = ""
    context = {
        "form": form,
        "row": row,
        "use": templates.USES[CaseTemplate.Use(use)],
        "variables": templates.variables(use).items(),
        "preview": preview,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "service/correspondence/template.html", context, status=status)
