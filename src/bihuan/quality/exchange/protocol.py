"""How EPCIS 2.0 §12 is spoken over HTTP: headers, versions, what a client accepts, problems. Names are those of GS1's OpenAPI text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

import bihuan
from bihuan.kernel.pages.request import PageRequest

SECURITY = "epcisException:SecurityException"
JSON_TYPES = ("application/json", "application/ld+json")
VERSION = "2.0"
MOST_BYTES = 8 * 1024 * 1024  # what is captured while one waits; the command takes more
WAIT = 5.0  # seconds, for another document that is being captured
MOST_ADDRESS = 8000  # characters of an address
# What the header may ask for: identifiers stand in events as they were told.
EPC_FORMATS = ("No_Preference", "Never_Translates")
BEHAVIOUR = "GS1-Capture-Error-Behaviour"
_NUMBER = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,4})?\Z", re.ASCII)
_OURS = (2, 0)

View = Callable[..., HttpResponse]


def resource(allow: str, *, captures: bool = False) -> Callable[[View], View]:
    """Below `@page`: OPTIONS says what is spoken here, and a request that cannot be answered as it wants to be is 406 or 414.

    `allow`: the methods. `captures`: documents are taken here, so that limits are told as well.
    """

    def spoken(view: View) -> View:
        @wraps(view)
        def answered(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                return discovery(allow, captures=captures)
            refusal = _not_as_wanted(request)
            answer = refusal or view(request, *args, **kwargs)
            return with_limits(answer) if captures else answer

        return answered

    return spoken


def discovery(allow: str, *, captures: bool = False) -> HttpResponse:
    """204 with the versions and formats of this server in its headers."""
    answer = as_epcis(HttpResponse(status=204))
    del answer["Content-Type"]
    answer["Allow"] = allow
    for name in ("GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Min", "GS1-CBV-Max"):
        answer[name] = VERSION
    answer["GS1-Vendor-Version"] = f"Bihuan {bihuan.__version__}"
    return with_limits(answer) if captures else answer


def with_limits(answer: HttpResponse) -> HttpResponse:
    """How much is taken at once, and that a document is kept whole or not at all."""
    answer["GS1-EPCIS-Capture-Limit"] = "*"
    answer["GS1-EPCIS-Capture-File-Size-Limit"] = str(MOST_BYTES)
    answer[BEHAVIOUR] = "rollback"
    return answer


def _not_as_wanted(request: PageRequest) -> HttpResponse | None:
    if len(request.get_full_path()) > MOST_ADDRESS:
        text = _("The address is longer than %(limit)d characters.") % {"limit": MOST_ADDRESS}
        return problem(414, "URITooLongException", _("The address is too long"), text)
    if "%00" in request.get_full_path():
        text = _("The address holds a character that no name has (NUL).")
        return problem(400, "QueryParameterException", _("The query is not understood"), text)
    if not any(request.accepts(one) for one in JSON_TYPES):
        return _not_acceptable(_("Answers are JSON: application/json or application/ld+json."))
    if request.headers.get("GS1-EPC-Format", EPC_FORMATS[0]) not in EPC_FORMATS:
        return _not_acceptable(
            _("Identifiers stand as they were told: GS1-EPC-Format can only be Never_Translates.")
        )
    for name in ("EPCIS", "CBV"):
        if not _speaks(request, name):
            text = _("%(standard)s %(version)s is spoken here, and no other version.")
            return _not_acceptable(text % {"standard": name, "version": VERSION})
    return None


def _speaks(request: PageRequest, standard: str) -> bool:
    """Whether the version that a client names, or the span of versions, is ours. A patch (2.0.1) changes nothing here."""
    for end, holds in (
        ("Version", lambda asked: asked == _OURS),
        ("Min", lambda asked: asked <= _OURS),
        ("Max", lambda asked: asked >= _OURS),
    ):
        text = request.headers.get(f"GS1-{standard}-{end}")
        if text is not None:
            found = _NUMBER.match(text.strip())
            if found is None or not holds((int(found[1]), int(found[2] or 0))):
                return False
    return True


def _not_acceptable(detail: str) -> HttpResponse:
    return problem(406, "ImplementationException", _("This cannot be answered as asked for"), detail)


def told(request: PageRequest, body: Any, status: int = 200) -> HttpResponse:
    """JSON of whichever of the two types the client would rather have; bytes are JSON already."""
    wanted = request.get_preferred_type(list(JSON_TYPES)) or JSON_TYPES[0]
    return as_epcis(HttpResponse(body if isinstance(body, bytes) else _json(body), wanted, status))


def problem(status: int, kind: str, title: str, detail: str, **more: Any) -> HttpResponse:
    """RFC 9457, with one of the standard's exceptions as its type."""
    said = {"type": f"epcisException:{kind}", "title": title, "status": status, "detail": detail, **more}
    return as_epcis(HttpResponse(_json(said), "application/problem+json", status))


def not_found(detail: str) -> HttpResponse:
    return problem(404, "NoSuchNameException", _("There is no such resource"), detail)


def as_epcis(answer: HttpResponse) -> HttpResponse:
    answer["GS1-EPCIS-Version"] = answer["GS1-CBV-Version"] = VERSION
    answer["GS1-EPC-Format"] = "Never_Translates"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False)
