"""Handing a kept file to a browser, as something that it saves or shows and never runs."""

from __future__ import annotations

from django.http import FileResponse, Http404

from .store import path_of
from .types import CLOSED, PLAIN, SHOWN


def serve(sha256: str, name: str, content_type: str, *, inline: bool = False) -> FileResponse:
    """The file as an answer. `inline`: an image may stand within a page. 404 where the content is gone."""
    try:
        stream = path_of(sha256).open("rb")
    except FileNotFoundError as error:
        raise Http404(sha256) from error
    harmless = content_type if content_type in SHOWN | PLAIN else CLOSED
    within = inline and harmless.startswith("image/")
    answer = FileResponse(stream, as_attachment=not within, filename=name, content_type=harmless)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # The address names one content for ever; but who may see it can change, so that only the browser keeps it.
    answer["Cache-Control"] = "private, max-age=3600" if within else "private, no-store"
    return answer
