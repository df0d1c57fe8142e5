"""The bell: what somebody was told and has not read, from whatever rooms tell people things.

A room registers a `NoticeSource` in its `panels` module; the notices themselves stay in the room's own tables, where reading
them is noted. What concerns one record (a case, say) is one line, and counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Value
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from bihuan.kernel.actor import Actor
from bihuan.kernel.time import now

from .registry import load_pages
from .request import PageRequest, page

RECENT = timedelta(days=30)
"""What was told earlier rings no bell; Today still has it."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """The newest word about one record; `text` in the reader's language, `tone` as of chips."""

    at: datetime
    source: str
    key: int
    title: str
    text: Any
    icon: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """`unread(actor, since)`: querysets with one column `key`, the records spoken of. `newest(actor, since, limit)`: a line for
    each record that the actor may see. `put_aside(actor, now, key)`: read, of one record or all. `url_name` leads to it."""

    name: str
    object: str
    url_name: str
    unread: Callable[[Actor, datetime], Sequence[QuerySet[Any, Any]]]
    newest: Callable[[Actor, datetime, int], list[Notice]]
    put_aside: Callable[[Actor, datetime, int | None], None]


_sources: dict[str, NoticeSource] = {}


def register_notices(source: NoticeSource) -> NoticeSource:
    if source.name in _sources:
        raise ValueError(f"notices of {source.name} are registered twice")
    _sources[source.name] = source
    return source


def _of(actor: Actor) -> list[NoticeSource]:
    load_pages()
    return [one for one in _sources.values() if actor.may(one.object)]


def unread_count(actor: Actor, moment: datetime) -> int:
    """How many records the actor was told something about and has not read it. One query."""
    since = moment - RECENT
    parts = [
        rows.annotate(of=Value(source.name)).values_list("of", "key")
        for source in _of(actor)
        for rows in source.unread(actor, since)
    ]
    return parts[0].union(*parts[1:]).count() if parts else 0


@page()
def notices(request: PageRequest) -> HttpResponse:
    """The list behind the bell."""
    moment = now()
    lines = [
        one for source in _of(request.actor) for one in source.newest(request.actor, moment - RECENT, SHOWN)
    ]
    lines = sorted(lines, key=lambda one: (one.at, one.key), reverse=True)[:SHOWN]
    more = max(unread_count(request.actor, moment) - len(lines), 0)
    template = "pages/partials/notices.html" if request.htmx else "pages/notices.html"
    return render(request, template, {"lines": lines, "more": more})


@page(methods=("POST",))
def notice_open(request: PageRequest, source: str, key: int) -> HttpResponse:
    """To what a notice is about; it is read by that."""
    found = next((one for one in _of(request.actor) if one.name == source), None)
    if found is None:
        raise Http404(source)
    found.put_aside(request.actor, now(), key)
    return HttpResponseRedirect(reverse(found.url_name, args=[key]))


@page(methods=("POST",))
def notices_put_aside(request: PageRequest) -> HttpResponse:
    """All are read."""
    moment = now()
    for source in _of(request.actor):
        source.put_aside(request.actor, moment, None)
    if request.htmx:
        return render(request, "pages/partials/bell.html", {"unread": 0})
    return HttpResponseRedirect(reverse("today"))
