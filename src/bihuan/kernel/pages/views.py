"""Pages that belong to no room: Today, palette, panels of any record, timeline, progress of a job."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bihuan.kernel.jobs import cancel_job
from bihuan.kernel.models import Job
from bihuan.kernel.time import company_zone, local_date, now

from .registry import Happening, Panel, find_subject, load_pages, registry
from .request import PageRequest, page

log = logging.getLogger(__name__)
TIMELINE_STEP = 25


@page()
def today(request: PageRequest) -> HttpResponse:
    """The first page: what waits for me, what changed at my customers."""
    moment = now()
    cards: list[tuple[str, str]] = []  # place, HTML
    for section in load_pages().today_for(request.actor):
        found = section.build(request.actor, moment, request)
        if found is not None:
            html = render_to_string(section.template, {**found, "section": section}, request)
            cards.append((section.place, html))
    hour = moment.astimezone(company_zone()).hour
    greeting = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    return render(
        request,
        "pages/today.html",
        {
            "greeting": greeting,
            "today": local_date(moment),
            "main": [html for place, html in cards if place == "main"],
            "side": [html for place, html in cards if place == "side"],
        },
    )


@page()
def palette(request: PageRequest) -> HttpResponse:
    """The options for what was typed: records first, then actions and pages whose words hold it."""
    text = request.GET.get("q", "").strip()[:100]
    wanted = text.casefold()
    groups: list[dict[str, Any]] = []
    if text:
        for search in load_pages().searches:
            found = search(request.actor, text)
            if found:
                groups.append({"title": _("Records"), "options": found})
    actions = []
    for action in registry.actions:
        if (
            request.actor.may(action.object, action.action)
            and wanted in f"{action.label} {action.words}".casefold()
        ):
            actions.append(
                {
                    "label": action.label,
                    "icon": action.icon,
                    "url": reverse(action.url_name),
                    "dialog": action.dialog,
                }
            )
    if actions:
        groups.append({"title": _("Do"), "options": actions[:6]})
    pages = [
        {"label": item.label, "icon": item.icon, "url": reverse(item.url_name), "hint": item.keys}
        for item in registry.menu_for(request.actor)
        if wanted in f"{item.label} {item.url_name}".casefold()
    ]
    if pages:
        groups.append({"title": _("Go to"), "options": pages[:10]})
    return render(request, "pages/partials/palette_options.html", {"groups": groups, "text": text})


def _drawn(request: PageRequest, one: Panel, subject: Any) -> str:
    """A panel's card, or "" when it has nothing to say. One that fails says so and spares the others."""
    try:
        found = one.build(request.actor, subject, request)
        if found is None:
            return ""
        return render_to_string(one.template, {**found, "panel": one, "subject": subject}, request)
    except Exception:
        log.exception("panel %s.%s failed", one.subject, one.name)
        return render_to_string(
            "pages/partials/panel_failed.html", {"panel": one, "subject": subject}, request
        )


@page()
def panels(request: PageRequest, subject: str, identity: int) -> HttpResponse:
    """All panels of a record in one answer; `place` picks a column."""
    record = find_subject(request.actor, subject, identity)
    if record is None:
        raise Http404
    return HttpResponse(drawn_panels(request, subject, record, request.GET.get("place", "main")))


def drawn_panels(request: PageRequest, subject: str, record: Any, place: str) -> SafeString:
    """The panels of one place, for a page that shows them at once; the record is one that the actor sees."""
    ready = [one for one in load_pages().panels_for(subject, request.actor) if one.place == place]
    return mark_safe("".join(_drawn(request, one, record) for one in ready))  # noqa: S308


def drawn_panel(request: PageRequest, subject: str, record: Any, name: str) -> SafeString:
    """One panel anew, for the answer to a change made from it; nothing for a panel that the actor may not see."""
    wanted = load_pages().panels.get((subject, name))
    if wanted is None or not wanted.allows(request.actor):
        return mark_safe("")
    return mark_safe(_drawn(request, wanted, record))  # noqa: S308


@page()
def one_panel(request: PageRequest, subject: str, identity: int, name: str) -> HttpResponse:
    """One panel anew, after something in it was changed."""
    wanted = load_pages().panels.get((subject, name))
    if wanted is None or not wanted.allows(request.actor):
        raise Http404
    record = find_subject(request.actor, subject, identity)
    if record is None:
        raise Http404
    return HttpResponse(_drawn(request, wanted, record))


def whole_days(lines: list[Happening]) -> tuple[list[Happening], str]:
    """The newest lines down to the end of a day, and the moment before which the next ones are to be asked for.

    A day is never torn: sources know many things by their date alone, and "before that date" would lose the rest.
    """
    lines = sorted(lines, key=lambda line: _as_moment(line.at), reverse=True)
    if len(lines) <= TIMELINE_STEP:
        return lines, ""
    first_left = local_date(_as_moment(lines[TIMELINE_STEP].at))
    shown = [line for line in lines[:TIMELINE_STEP] if local_date(_as_moment(line.at)) > first_left]
    if shown:
        first_left += timedelta(days=1)
    else:  # one busy day
        shown = [line for line in lines if local_date(_as_moment(line.at)) == first_left]
    return shown, datetime(
        first_left.year, first_left.month, first_left.day, tzinfo=company_zone()
    ).isoformat()


def _as_moment(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, 23, 59, tzinfo=company_zone())


@page()
def timeline(request: PageRequest, subject: str, identity: int) -> HttpResponse:
    """What happened at a record, all sources merged, newest first."""
    record = find_subject(request.actor, subject, identity)
    if record is None:
        raise Http404
    before = _read_moment(request.GET.get("before", ""))
    kind = request.GET.get("kind", "")
    sources = [
        one
        for one in load_pages().timeline.values()
        if one.subject == subject and (not one.object or request.actor.may(one.object, one.action))
    ]
    lines: list[Happening] = []
    for source in sources:
        if not kind or source.name == kind:
            lines += source.find(request.actor, record, before, TIMELINE_STEP + 1)
    shown, further = whole_days(lines)
    return render(
        request,
        "pages/partials/timeline.html",
        {
            "lines": shown,
            "further": further,
            "subject": record,
            "subject_name": subject,
            "sources": sources,
            "kind": kind,
            "is_first": "before" not in request.GET,
        },
    )


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=company_zone())
    except ValueError:
        return now() + timedelta(days=1)


def _my_job(request: PageRequest, identity: int) -> Job:
    row = Job.objects.filter(pk=identity).first()
    mine = row is not None and row.started_by_id == request.actor.user_id
    if row is None or not (mine or request.actor.may("setting", "administer")):
        raise Http404
    return row


@page()
def job_progress(request: PageRequest, identity: int) -> HttpResponse:
    """How far a job is; asks again by itself until it has ended."""
    return job_card(request, _my_job(request, identity))


@page(methods=("POST",))
def job_cancel(request: PageRequest, identity: int) -> HttpResponse:
    cancel_job(row=_my_job(request, identity), now=now())
    return job_card(request, _my_job(request, identity))


def job_card(request: PageRequest, row: Job) -> HttpResponse:
    """The progress partial of a job, for any page that started one; a whole page when opened directly."""
    partial = bool(request.htmx)
    template = "pages/partials/job.html" if partial else "pages/job.html"
    response = render(
        request, template, {"job": row, "ended": row.ended_at is not None, "links": _links(row)}
    )
    if partial and row.ended_at is not None:
        response.headers["HX-Trigger"] = "job-ended"
    return response


def _links(row: Job) -> list[dict[str, Any]]:
    """What a job's result offers: `{"links": [{"label", "url"| "name", "arguments"}]}`."""
    found = []
    for link in (row.result or {}).get("links", ()):
        try:
            url = link.get("url") or reverse(link["name"], args=link.get("arguments", ()))
        except (NoReverseMatch, KeyError):
            continue
        found.append({**link, "url": url})
    return found
