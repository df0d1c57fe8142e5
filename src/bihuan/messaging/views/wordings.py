"""Wordings of messages: the list, one of them with its preview."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access import require_all
from ..errors import MessagingError
from ..forms import WordingForm
from ..queries import wording_lines
from ..wordings import LANGUAGES, Template, Wording, declared, preview, unknown_variables, wording
from .tabs import tabs


@page("setting")
def wording_list(request: PageRequest) -> HttpResponse:
    language = get_language() or "zh-hans"
    language = language if language in LANGUAGES else "zh-hans"
    lines = [(one, in_language(one.template.title)) for one in wording_lines(request.actor, language)]
    context = {"lines": lines, "language": language, **tabs(request.actor, "mail_wordings")}
    return render(request, "messaging/pages/wordings.html", context)


@page("setting", "edit", methods=("GET", "POST"))
def wording_edit(request: PageRequest, key: str, language: str) -> HttpResponse:
    require_all(request.actor, "setting", "edit")
    template = _known(key, language)
    shown = wording(key, language)
    form = WordingForm(request.POST or None, initial={"subject": shown.subject, "body": shown.body})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            shown = Wording(form.cleaned_data["subject"], form.cleaned_data["body"].replace("\r\n", "\n"))
            if request.POST.get("only_preview"):
                status = 200
            elif _saved(request, form, key, language, shown):
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("mail_wordings"))
    context = {
        "form": form,
        "template": template,
        "title": in_language(template.title),
        "language": language,
        "languages": LANGUAGES,
        "is_own": wording(key, language).is_own,
        "preview": None if unknown_variables(template, shown) else preview(template, shown),
        "unknown": unknown_variables(template, shown),
    }
    return render(request, "messaging/pages/wording.html", context, status=status)


def _known(key: str, language: str) -> Template:
    if language not in LANGUAGES:
        raise Http404(language)
    try:
        return declared(key)
    except MessagingError as error:
        raise Http404(key) from error


def _saved(request: PageRequest, form: WordingForm, key: str, language: str, given: Wording) -> bool:
    try:
        services.save_wording(
            actor=request.actor, key=key, language=language, subject=given.subject, body=given.body, now=now()
        )
    except MessagingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    return True


@page("setting", "edit", methods=("POST",))
def wording_restore(request: PageRequest, key: str, language: str) -> HttpResponse:
    require_all(request.actor, "setting", "edit")
    _known(key, language)
    services.restore_wording(actor=request.actor, key=key, language=language, now=now())
    messages.success(request, _("The delivered wording counts again."))
    return HttpResponseRedirect(reverse("mail_wording", args=[key, language]))
