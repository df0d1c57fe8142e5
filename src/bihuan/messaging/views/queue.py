"""The queue of messages out, with dead letters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access import reads_messages
from ..errors import MessagingError
from ..queries import events_of, get_out, queue_page
from ..wording import ERRORS, OUT_STATES, OUT_TONES
from .tabs import event_lines, number, tabs


@page("message")
def message_queue(request: PageRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in OUT_STATES else ""
    rows, further = queue_page(request.actor, state, number(request.GET.get("before")))
    context = {
        "rows": [(one, OUT_STATES[one.state], OUT_TONES.get(one.state, "")) for one in rows],
        "states": OUT_STATES.items(),
        "state": state,
        "further": further,
        **tabs(request.actor, "mail_queue"),
    }
    return render(request, "messaging/pages/queue.html", context)


@page("message")
def message_out(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_out(request.actor, message_id)
    context = {
        "row": row,
        "state": OUT_STATES[row.state],
        "tone": OUT_TONES.get(row.state, ""),
        "error": ERRORS.get(row.last_error, row.last_error),
        "events": event_lines(events_of(out=row)),
        "may_edit": reads_messages(request.actor, "edit"),
        "may_retry": row.state in ("dead", "failed"),
        "may_drop": row.state in ("dead", "failed", "queued"),
    }
    return render(request, "messaging/pages/out.html", context)


@page("message", "edit", methods=("POST",))
def message_retry(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_out(request.actor, message_id, "edit")
    try:
        services.retry_message(actor=request.actor, message=row, now=now())
        messages.success(request, _("The message is queued again."))
    except MessagingError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("mail_out", args=[row.pk]))


@page("message", "edit", methods=("POST",))
def message_drop(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_out(request.actor, message_id, "edit")
    try:
        services.drop_message(actor=request.actor, message=row, now=now())
        messages.success(request, _("The message was dropped."))
    except MessagingError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("mail_out", args=[row.pk]))
