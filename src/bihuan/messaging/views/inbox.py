"""Mail that came: what nobody took, one message, its files."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.files import serve
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access import reads_messages
from ..errors import MessagingError
from ..queries import events_of, get_attachment, get_in, inbox_page
from ..receivers import known_prefixes, offers_for
from ..wording import IN_STATES, KIND_TONES, KINDS, NOTES, REASONS, TRUSTS
from .tabs import event_lines, number, tabs


@page("message")
def message_inbox(request: PageRequest) -> HttpResponse:
    state = request.GET.get("state", "waiting")
    state = state if state in IN_STATES else ""
    rows, further = inbox_page(request.actor, state, number(request.GET.get("before")))
    context = {
        "rows": [
            (one, KINDS[one.classification], KIND_TONES.get(one.classification, ""), IN_STATES[one.state])
            for one in rows
        ],
        "states": IN_STATES.items(),
        "state": state,
        "further": further,
        **tabs(request.actor, "mail_inbox"),
    }
    return render(request, "messaging/pages/inbox.html", context)


@page("message")
def message_in(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_in(request.actor, message_id)
    context = {
        "row": row,
        "kind": KINDS[row.classification],
        "tone": KIND_TONES.get(row.classification, ""),
        "state": IN_STATES[row.state],
        "trust": TRUSTS[row.trust],
        "trust_tone": {"verified": "ok", "forged": "red"}.get(row.trust, ""),
        "reason": REASONS.get(row.reason, ""),
        "notes": [NOTES.get(one, one) for one in row.notes],
        "files": [(one, NOTES.get(one.note, one.note)) for one in row.attachments.order_by("ordinal")],
        "events": event_lines(events_of(came=row)),
        "kinds": known_prefixes(),
        "may_edit": reads_messages(request.actor, "edit") and row.state != "routed",
        "offers": offers_for(request.actor, row) if row.state != "routed" else [],
    }
    return render(request, "messaging/pages/in.html", context)


@page("message", "edit", methods=("POST",))
def message_hand_on(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_in(request.actor, message_id, "edit")
    try:
        about = request.POST.get("about", "")
        services.hand_on(actor=request.actor, message=row, about=about, now=now())
        messages.success(request, _("The message was handed on."))
    except MessagingError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("mail_in", args=[row.pk]))


@page("message", "edit", methods=("POST",))
def message_put_away(request: PageRequest, message_id: int) -> HttpResponse:
    row = get_in(request.actor, message_id, "edit")
    try:
        services.put_away(actor=request.actor, message=row, now=now())
        messages.success(request, _("The message was put away."))
    except MessagingError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("mail_inbox"))


@page("message")
def attachment(request: PageRequest, message_id: int, ordinal: int) -> FileResponse:
    """A file to be saved: with the type that its content has, or as bytes; never shown within our pages."""
    row = get_attachment(request.actor, message_id, ordinal)
    return serve(row.sha256, row.name, row.content_type)
