"""EPCIS 2.0 §12 for programs: events, and capture with its jobs, with an access token. How it is spoken stands in `protocol`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.csrf import csrf_exempt

from bihuan.kernel.pages.keyset import read_position
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.people.tokens.doors import by_token
from bihuan.people.tokens.scopes import register_scope
from bihuan.quality.epcis import times
from bihuan.quality.epcis.events import EVENTS
from bihuan.quality.epcis.writing import CONTEXT

from ..epcis_commands import say_fault
from ..evidence.faults import LogBusy
from ..models import EpcisCapture
from . import views
from .answering import answer_event, answer_query, is_moment
from .asking import PER_PAGE, QueryRefused, QueryTooLarge, read_count, read_query
from .captures import MOST_REASONS, captures_page, faults_of
from .capturing import Captured, capture
from .protocol import (
    BEHAVIOUR,
    JSON_TYPES,
    MOST_BYTES,
    SECURITY,
    WAIT,
    discovery,
    not_found,
    problem,
    resource,
    told,
)
from .records import EPCIS_CAPTURE

READ, CAPTURE = "epcis.read", "epcis.capture"
MOST_CAPTURES = 100  # on a page
# What can be asked for at the root; the others of the standard's have no list of their own here.
ROOT = ["events", "eventTypes", "capture"]
# resource of the standard → the parameters of a query that say the same, any of them
RESOURCES = {
    "eventTypes": ("eventType",),
    "epcs": ("MATCH_anyEPC", "MATCH_anyEPCClass"),
    "bizSteps": ("EQ_bizStep",),
    "bizLocations": ("EQ_bizLocation",),
    "readPoints": ("EQ_readPoint",),
    "dispositions": ("EQ_disposition",),
}
NOT_OFFERED = (*RESOURCES, "queries", "nextPageToken")

register_scope(
    READ, pgettext_lazy("token", "Ask for EPCIS events"), [("epcis_event", "view"), ("lot", "view")]
)
register_scope(
    CAPTURE, pgettext_lazy("token", "Send EPCIS documents"),
    [("lot", "create"), ("lot", "view"), ("epcis_capture", "view")],
)  # fmt: skip


@by_token(READ, CAPTURE, kind=SECURITY)
@page("lot", methods=("GET", "POST", "OPTIONS"))
def root(request: PageRequest) -> HttpResponse:
    """The page for people; for programs, and for who asks for JSON, what there is. A token opens no page."""
    is_program = request.actor.via == "api"
    if request.method == "OPTIONS":
        return discovery("OPTIONS, GET", captures=True)
    accepted = request.headers.get("Accept", "")
    if is_program and request.method == "POST":
        return HttpResponseNotAllowed(("GET", "OPTIONS"))
    if is_program or ("json" in accepted and "text/html" not in accepted):
        answer: HttpResponse = _root(request)
        return answer
    return views.epcis(request)


@resource("OPTIONS, GET")
def _root(request: PageRequest) -> HttpResponse:
    return told(request, ROOT)


# ---- asking

GET = ("GET", "OPTIONS")
ALLOW = "OPTIONS, GET"


# csrf_exempt where nothing is written: a program that errs in the method is told so, not asked for a form's token.
@by_token(READ, kind=SECURITY)
@csrf_exempt
@page("epcis_event", methods=GET)
@resource(ALLOW)
def events(request: PageRequest) -> HttpResponse:
    """GET /events in the standard's words, by who is signed in or has a token: an EPCISQueryDocument."""
    return _answered(request, _given(request), {}, reverse("epcis_query"))


@by_token(READ, kind=SECURITY)
@csrf_exempt
@page("epcis_event", methods=GET)
@resource(ALLOW)
def events_of(request: PageRequest, about: str, value: str) -> HttpResponse:
    """GET /bizSteps/receiving/events and the like: a query for that value, with what else is asked."""
    names = RESOURCES.get(about)
    if names is None or (about == "eventTypes" and value not in EVENTS):
        return not_found(request.path)
    address = f"{reverse('epcis')}{about}/{quote(value, safe='')}/events"
    return _answered(request, _given(request), {names: value}, address)


def _given(request: PageRequest) -> dict[str, list[str]]:
    return {name: request.GET.getlist(name) for name in request.GET}


def _answered(
    request: PageRequest, given: dict[str, list[str]], also: dict[tuple[str, ...], str], address: str
) -> HttpResponse:
    try:
        body, token = answer_query(request.actor, read_query(given, also), now())
    except QueryRefused as refusal:
        return _query_refused(refusal)
    except QueryTooLarge:
        text = _("There are more events than maxEventCount says.")
        return problem(413, "QueryTooLargeException", _("The answer would be too large"), text)
    return _paged(request, told(request, body), given, token, address)


def _query_refused(refusal: QueryRefused) -> HttpResponse:
    return problem(400, "QueryParameterException", _("The query is not understood"), str(refusal))


def _paged(
    request: PageRequest, answer: HttpResponse, given: dict[str, list[str]], token: str, address: str
) -> HttpResponse:
    if token:
        query = urlencode({**given, "nextPageToken": [token]}, doseq=True)
        answer["Link"] = f'<{request.build_absolute_uri(address)}?{query}>; rel="next"'
    return answer


@by_token(READ, kind=SECURITY)
@csrf_exempt
@page("epcis_event", methods=GET)
@resource(ALLOW)
def event(request: PageRequest, identity: str) -> HttpResponse:
    """GET /events/{eventID}: the event, and its declaration as wrong, in an EPCISQueryDocument."""
    tail = request.META.get("QUERY_STRING", "")
    # A hash id ends in ?ver=…, which not every client encodes.
    body = answer_event(request.actor, f"{identity}?{tail}" if tail else identity, now())
    return not_found(identity) if body is None else told(request, body)


@by_token(READ, kind=SECURITY)
@csrf_exempt
@page("epcis_event", methods=GET)
@resource(ALLOW)
def event_types(request: PageRequest) -> HttpResponse:
    """GET /eventTypes: those that are understood here, whether or not there are such events."""
    return told(request, {"@context": CONTEXT, "type": "EventTypeItemList", "eventType": list(EVENTS)})


@by_token(READ, kind=SECURITY)
@csrf_exempt
@page("epcis_event", methods=GET)
@resource(ALLOW)
def event_type(request: PageRequest, kind: str) -> HttpResponse:
    return told(request, ["events"]) if kind in EVENTS else not_found(kind)


@by_token(READ, CAPTURE, kind=SECURITY)
@csrf_exempt
@page("lot", methods=("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
def not_offered(request: PageRequest, rest: str) -> HttpResponse:
    """What the standard has and we have not: 501. What it has not either: 404."""
    if rest.partition("/")[0] not in NOT_OFFERED:
        return not_found(rest)
    text = _("Named queries, subscriptions and lists of identifiers are not offered; ask GET /events.")
    return problem(501, "ImplementationException", _("This is not done here"), text)


# ---- being told


# Without a session there is nothing that another site could ride on: the token alone opens.
@by_token(CAPTURE, only=True, kind=SECURITY)
@csrf_exempt
@page("epcis_capture", methods=("GET", "POST", "OPTIONS"))
@resource("OPTIONS, GET, POST", captures=True)
def captures(request: PageRequest) -> HttpResponse:
    """POST /capture keeps a document; GET /capture lists what became of those sent before."""
    return _capture(request) if request.method == "POST" else _jobs(request)


def _capture(request: PageRequest) -> HttpResponse:
    """Kept whole or not at all before it is answered; 202 names the job and says what the command says."""
    if not request.actor.may("lot", "create"):
        text = _("The person whose token this is may not capture.")
        return problem(403, "SecurityException", _("The access token is not for this."), text)
    if request.content_type not in JSON_TYPES:
        text = _("Send JSON: application/json or application/ld+json.")
        return problem(415, "ImplementationException", _("This is no JSON document"), text)
    # Drafts of the standard, and clients after them, wrote the header's name with EPCIS in it.
    asked = {request.headers.get(one, "rollback") for one in (BEHAVIOUR, "GS1-EPCIS-Capture-Error-Behaviour")}
    if asked != {"rollback"}:
        text = _("A document is kept whole or not at all: GS1-Capture-Error-Behaviour can only be rollback.")
        return problem(501, "ImplementationException", _("This is not done here"), text)
    data = request.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        text = _("At most %(limit)s are captured at once; split the document.") % {
            "limit": filesizeformat(MOST_BYTES)
        }
        return problem(413, "CaptureLimitExceededException", _("The document is too large"), text)
    try:
        found = capture(actor=request.actor, data=data, wait=WAIT, now=now())
    except LogBusy:
        text = _("Another document is being captured; try again later.")
        answer = problem(503, "ImplementationException", _("Busy"), text)
        answer["Retry-After"] = "10"
        return answer
    job = request.build_absolute_uri(reverse("epcis_capture_job", args=[found.key]))
    if not found.accepted:
        errors = [{"path": one.where, "message": say_fault(one)} for one in found.faults]
        text = f"{errors[0]['path']}: {errors[0]['message']}"
        title = _("The document is refused")
        return problem(400, "ValidationException", title, text, instance=job, errors=errors)
    answer = told(request, {"captureID": found.key, **_said(found)}, 202)
    answer["Location"] = job
    return answer


def _said(found: Captured) -> dict[str, Any]:
    reasons = [{"path": path, "message": reason} for path, reason in found.left[:MOST_REASONS]]
    return {
        "events": found.events, "hashes": found.hashes, "stored": found.stored, "declared": found.declared,
        "lots": found.lots, "postings": found.postings, "not_joined": len(found.left), "reasons": reasons,
    }  # fmt: skip


def _jobs(request: PageRequest) -> HttpResponse:
    given = _given(request)
    try:
        size = min(read_count("perPage", given.get("perPage", [str(PER_PAGE)])), MOST_CAPTURES)
        text = given.get("nextPageToken", [""])[-1]
        position = read_position(text) if text else None
        if text and (position is None or position.segment or not is_moment(position.value)):
            raise QueryRefused(
                _("“%(name)s” is not one that was given out here.") % {"name": "nextPageToken"}
            )
    except QueryRefused as refusal:
        return _query_refused(refusal)
    rows, token = captures_page(EPCIS_CAPTURE.visible_to(request.actor), size, position)
    answer = told(request, [_job(one) for one in rows])
    return _paged(request, answer, given, token, reverse("epcis_capture"))


@by_token(CAPTURE, kind=SECURITY)
@csrf_exempt
@page("epcis_capture", methods=GET)
@resource(ALLOW)
def capture_job(request: PageRequest, key: str) -> HttpResponse:
    """GET /capture/{captureID}: what became of a document."""
    row = EPCIS_CAPTURE.visible_to(request.actor).filter(key=key).first()
    if row is None:
        return not_found(key)
    answer = told(request, _job(row))
    answer[BEHAVIOUR] = "rollback"
    return answer


def _job(row: EpcisCapture) -> dict[str, Any]:
    """The standard's CaptureJob, and beside it what was answered when the document came."""
    return {
        "captureID": row.key, "createdAt": times.write(row.created_at), "running": False, "success": row.is_success,
        "captureErrorBehaviour": "rollback", "errors": _errors(row), "events": row.events, "stored": row.stored,
        "declared": row.declared, "lots": row.lots, "postings": row.postings, "not_joined": row.left,
        "reasons": row.reasons, "file": row.file, "sha256": row.document, "via": row.via,
        "sentBy": row.actor_name,
    }  # fmt: skip


def _errors(row: EpcisCapture) -> list[dict[str, Any]]:
    return [
        {
            "type": "epcisException:ValidationException", "title": say_fault(fault), "status": 400,
            "detail": f"{path}: {say_fault(fault)}", "path": path,
        }
        for path, fault in faults_of(row)
    ]  # fmt: skip
