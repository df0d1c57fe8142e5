"""EPCIS 2.0 §12 for programs: POST /capture and GET /events, with an access token; what is refused is told as problem+json."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.csrf import csrf_exempt

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.people.tokens.doors import by_token
from bihuan.people.tokens.scopes import register_scope

from ..epcis_commands import say_fault
from ..evidence.faults import LogBusy
from .answering import answer_query
from .asking import QueryRefused, QueryTooLarge, read_query
from .capturing import Captured, capture

READ, CAPTURE = "epcis.read", "epcis.capture"
SECURITY = "epcisException:SecurityException"
TYPES = ("application/json", "application/ld+json")
MOST_BYTES = 8 * 1024 * 1024  # what is captured while one waits; the command takes more
WAIT = 5.0  # seconds, for another document
MOST_TOLD = 200

register_scope(
    READ, pgettext_lazy("token", "Ask for EPCIS events"), [("epcis_event", "view"), ("lot", "view")]
)
register_scope(
    CAPTURE, pgettext_lazy("token", "Send EPCIS documents"), [("lot", "create"), ("lot", "view")]
)  # fmt: skip


@by_token(READ, kind=SECURITY)
@page("epcis_event")
def events(request: PageRequest) -> HttpResponse:
    """GET /events in the standard's words, by who is signed in or has a token: an EPCISQueryDocument."""
    given = {name: request.GET.getlist(name) for name in request.GET}
    try:
        body, token = answer_query(request.actor, read_query(given), now())
    except QueryRefused as refusal:
        return _problem(400, "QueryParameterException", _("The query is not understood"), str(refusal))
    except QueryTooLarge:
        text = _("There are more events than maxEventCount says.")
        return _problem(413, "QueryTooLargeException", _("The answer would be too large"), text)
    answer = HttpResponse(body, "application/json")
    if token:
        query = urlencode({**given, "nextPageToken": [token]}, doseq=True)
        answer["Link"] = f'<{request.build_absolute_uri(reverse("epcis_query"))}?{query}>; rel="next"'
    return _as_epcis(answer)


# Without a session there is nothing that another site could ride on: the token alone opens.
@by_token(CAPTURE, only=True, kind=SECURITY)
@csrf_exempt
@page("lot", "create", methods=("POST",))
def capture_document(request: PageRequest) -> HttpResponse:
    """POST /capture: kept whole or not at all before it is answered; 202 says so with what the command says."""
    if request.content_type not in TYPES:
        text = _("Send JSON: application/json or application/ld+json.")
        return _problem(415, "UnsupportedMediaTypeException", _("This is no JSON document"), text)
    if request.headers.get("GS1-Capture-Error-Behaviour", "rollback") != "rollback":
        text = _("A document is kept whole or not at all: GS1-Capture-Error-Behaviour can only be rollback.")
        return _problem(501, "ImplementationException", _("This is not done here"), text)
    data = request.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        text = _("At most %(limit)s are captured at once; split the document.") % {
            "limit": filesizeformat(MOST_BYTES)
        }
        return _problem(413, "CaptureLimitExceededException", _("The document is too large"), text)
    try:
        found = capture(actor=request.actor, data=data, wait=WAIT, now=now())
    except LogBusy:
        text = _("Another document is being captured; try again later.")
        answer = _problem(503, "ImplementationException", _("Busy"), text)
        answer["Retry-After"] = "10"
        return answer
    if not found.accepted:
        errors = [{"path": one.where, "message": say_fault(one)} for one in found.faults]
        text = f"{errors[0]['path']}: {errors[0]['message']}"
        return _problem(400, "ValidationException", _("The document is refused"), text, errors=errors)
    return _as_epcis(HttpResponse(_json(_said(found)), "application/json", 202))


def _said(found: Captured) -> dict[str, Any]:
    reasons = [{"path": path, "message": reason} for path, reason in found.left[:MOST_TOLD]]
    return {
        "events": found.events, "hashes": found.hashes, "stored": found.stored, "declared": found.declared,
        "lots": found.lots, "postings": found.postings, "not_joined": len(found.left), "reasons": reasons,
    }  # fmt: skip


def _problem(status: int, kind: str, title: str, detail: str, **more: Any) -> HttpResponse:
    told = {"type": f"epcisException:{kind}", "title": title, "status": status, "detail": detail, **more}
    return _as_epcis(HttpResponse(_json(told), "application/problem+json", status))


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _as_epcis(answer: HttpResponse) -> HttpResponse:
    answer["GS1-EPCIS-Version"] = answer["GS1-CBV-Version"] = "2.0.0"
    answer["GS1-EPCIS-Capture-File-Size-Limit"] = str(MOST_BYTES)
    answer["Cache-Control"] = "private, no-store"
    return answer
