"""Pages of imports: upload, mapping, dry run, run, result, undo."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from bihuan.audit.services import record as journal
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .importing.notices import notice_text
from .labels import KIND_LABELS
from .lists import IMPORTS
from .models import Import
from .queries import get_import, job_of, mapping_form, state_of
from .reading.errors import ImportRefused
from .services import OBJECTS, choose_mapping, receive_upload, start_import, start_undo

_COUNTS = ("rows", "created", "updated", "unchanged", "refused")
_FURTHER = ("exact_duplicates", "cancellations", "unassigned", "customers", "orders")


@page("import")
def import_list(request: PageRequest) -> HttpResponse:
    return list_view(request, IMPORTS)


@page("import", "create", methods=("GET", "POST"))
def import_upload(request: PageRequest) -> HttpResponse:
    """Choose a file and say what its rows are."""
    kinds = {name: KIND_LABELS[name] for name, of in OBJECTS.items() if request.actor.may(of, "import")}
    error = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is not None:
            try:
                row = receive_upload(
                    actor=request.actor,
                    name=upload.name or "",
                    chunks=upload.chunks(),
                    kind=request.POST.get("kind", ""),
                    now=now(),
                )
            except ImportRefused as refusal:
                error = refusal.message()
            else:
                return _to(row)
    chosen = request.POST.get("kind") or request.GET.get("kind") or "orders"
    context = {"kinds": kinds, "chosen": chosen, "error": error}
    return render(request, "integration/pages/upload.html", context, status=422 if error else 200)


@page("import")
def import_page(request: PageRequest, identity: int) -> HttpResponse:
    """Where an import stands, and what can be done next. HTMX asks for the middle only."""
    row = get_import(request.actor, identity)
    job = job_of(row)
    context: dict[str, Any] = {
        "row": row,
        "job": job,
        "ended": False,
        "kind": KIND_LABELS[row.kind],
        "step": _step(row, job is not None),
        "may_import": request.actor.may("import", "import")
        and request.actor.may(OBJECTS[row.kind], "import"),
        "may_undo": request.actor.may("import", "undo"),
    }
    if context["step"] == "mapping" or (context["step"] == "previewed" and request.GET.get("edit")):
        context |= {"step": "mapping", "form": mapping_form(row)}
    result = row.preview if context["step"] == "previewed" else row.counts if row.checkpoint else None
    if result and "created" in result:
        context |= _told(row, result)
    partial = request.htmx and request.htmx.target == "import-stage"
    return render(
        request, "integration/partials/stage.html" if partial else "integration/pages/import.html", context
    )


@page("import", "import", methods=("POST",))
def import_mapping(request: PageRequest, identity: int) -> HttpResponse:
    row = get_import(request.actor, identity)
    return _after(
        request,
        row,
        lambda: choose_mapping(actor=request.actor, row=row, said=_said(row, request.POST), now=now()),
    )


@page("import", "import", methods=("POST",))
def import_start(request: PageRequest, identity: int) -> HttpResponse:
    row = get_import(request.actor, identity)
    return _after(request, row, lambda: start_import(actor=request.actor, row=row, now=now()))


@page("import", "undo", methods=("POST",))
def import_undo(request: PageRequest, identity: int) -> HttpResponse:
    row = get_import(request.actor, identity)
    return _after(request, row, lambda: start_undo(actor=request.actor, row=row, now=now()))


@page("import")
def import_refused(request: PageRequest, identity: int) -> HttpResponseBase:
    """The workbook with the refused rows."""
    row = get_import(request.actor, identity)
    path = Path(row.refused_path) if row.refused_path else None
    if path is None or not path.is_file():
        raise Http404
    counts = row.counts if row.checkpoint else row.preview or {}
    journal(
        request.actor, now(), "import.refused_rows_exported", row, object_name=row.filename,
        after={"format": "xlsx", "rows": counts.get("refused", 0)},
    )  # fmt: skip
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{Path(row.filename).stem}-refused.xlsx"
    )


def _to(row: Import) -> HttpResponse:
    return HttpResponseRedirect(reverse("import", args=[row.pk]))


def _after(request: PageRequest, row: Import, act: Any) -> HttpResponse:
    try:
        act()
    except ImportRefused as refusal:
        messages.error(request, refusal.message())
    return _to(row)


def _step(row: Import, is_busy: bool) -> str:
    if is_busy:
        return "working"
    if row.state == Import.State.UPLOADED:
        return "mapping" if row.inspection else "failed"
    return state_of(row)


def _said(row: Import, sent: QueryDict) -> dict[str, Any]:
    """The mapping that the form says, in the form in which mappings are kept."""
    said: dict[str, Any] = {
        name: row.mapping[name]
        for name in ("sheet", "header_row", "encoding", "delimiter")
        if row.mapping.get(name)
    }
    columns: dict[str, str] = {}
    for one in (row.inspection or {}).get("columns", ()):
        name = sent.get(f"column.{one['index']}", "")
        if name and name not in columns:
            columns[name] = one["text"]
    said["columns"] = columns
    values: dict[str, dict[str, str]] = {}
    for name, found in ((row.inspection or {}).get("unknown_words") or {}).items():
        for place, word in enumerate(found["words"]):
            meaning = sent.get(f"word.{name}.{place}", "")
            if meaning in found["choices"]:
                values.setdefault(name, {})[word] = meaning
    if values:
        said["values"] = values
    if sent.get("date_order") in ("ymd", "mdy", "dmy"):
        said["date_order"] = sent["date_order"]
    return said


def _told(row: Import, result: dict[str, Any]) -> dict[str, Any]:
    notices = result.get("notices") or row.notices
    return {
        "counts": [(name, result[name]) for name in _COUNTS],
        "further": [(name, result[name]) for name in _FURTHER if result.get(name)],
        "total": Decimal(result["total"]) if result.get("total") else None,
        "notices": [notice_text(one) for one in notices],
        "refused": result["refused"],
    }
