"""The journal's pages: searching it, one entry with before and after, and its export."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from .access import JOURNAL, class_of
from .exports import csv_lines
from .queries import JournalFilter, differences, get_entry, object_types, page_of_entries
from .reading import note_read
from .wording import known_actions


@page("journal")
def journal(request: PageRequest) -> HttpResponse:
    wanted = JournalFilter.read(request.GET)
    given = request.GET.get("before", "")
    rows, further = page_of_entries(request.actor, wanted, int(given) if given.isdecimal() else None)
    facts = wanted.facts()
    context = {
        "rows": rows,
        "wanted": wanted,
        "query": urlencode(facts),
        "further": urlencode({**facts, "before": further}) if further else "",
        "is_first": not given,
        "narrowed": bool(set(facts) - {"text"}),
        "object_types": object_types(request.actor),
        "actions": sorted(known_actions().items(), key=lambda pair: pair[1]),
        "sees_address": JOURNAL.may_read(request.actor, "address"),
        "may_export": request.actor.may("journal", "export"),
    }
    return render(request, "audit/pages/journal.html", context)


@page("journal")
def journal_entry(request: PageRequest, entry_id: int) -> HttpResponse:
    entry = get_entry(request.actor, entry_id)
    lines, withheld = differences(request.actor, entry)
    note_read(
        request, entry, [one.field for one in lines if class_of(entry.object_type, one.field) == "secret"]
    )
    template = "audit/partials/entry.html" if request.htmx else "audit/pages/entry.html"
    return render(
        request,
        template,
        {
            "entry": entry,
            "lines": lines,
            "withheld": withheld,
            "sees_note": JOURNAL.may_read(request.actor, "note"),
            "sees_address": JOURNAL.may_read(request.actor, "address"),
        },
    )


@page("journal", "export")
def journal_export(request: PageRequest) -> StreamingHttpResponse:
    moment = now()
    lines = csv_lines(request.actor, JournalFilter.read(request.GET), moment)
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="journal-{local_date(moment)}.csv"'},
    )
