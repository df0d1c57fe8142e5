"""The views of every list: the list itself, its files, its saved views, next and previous, actions over many."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from bihuan.kernel.actor import FieldClass, require
from bihuan.kernel.jobs import start_job
from bihuan.kernel.models import BulkRun, SavedView
from bihuan.kernel.time import now

from . import journal
from .bulk import picked_rows, start_bulk
from .exports import export_file
from .keyset import Position
from .lists import ListPage, ListState, is_numeric, lists, row_address
from .registry import load_pages
from .request import PageRequest, page
from .rows import draw_options, draw_rows
from .views import job_card


def list_view(request: PageRequest, declared: ListPage, **context: Any) -> HttpResponse:
    """The whole page, or only the list where HTMX asks for it."""
    state = declared.state(request.actor, request.GET)
    rows, more = state.take()
    if any(one.field_class is FieldClass.SECRET for one in state.columns):
        subjects = [declared.record.model(pk=row[0]) for row in rows]
        journal.tell_read(
            request, subjects, [one.name for one in state.columns if one.field_class is FieldClass.SECRET]
        )
    actions = [one for one in declared.actions if request.actor.may(declared.record.name, one.action)]
    if state.position is None and not more and not state.backwards:
        count = len(rows)
    else:
        count = state.count()
    context |= {
        "list": declared,
        "state": state,
        "rows": draw_rows(state, rows, bool(actions)),
        "has_rows": bool(rows),
        "count": count,
        "count_text": f"{state.count_cap:,}+" if count > state.count_cap else f"{count:,}",
        "heads": _heads(state),
        "pills": _pills(state),
        "views": _views(request, declared),
        "present_view": request.GET.get("view", ""),
        "actions": actions,
        "may_export": request.actor.may(declared.record.name, "export"),
        "columns_here": {one.name for one in state.columns},
        **_ends(state, rows, more),
    }
    partial = request.htmx and request.htmx.target == "list" and not request.htmx.history_restore_request
    response = render(request, "pages/partials/list.html" if partial else declared.template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _ends(state: ListState, rows: list[tuple[Any, ...]], more: bool) -> dict[str, str]:
    """The addresses of the pages before and after, "" where there is none."""
    if not rows:
        return {"next": "", "previous": state.address() if state.position else ""}
    order = state.order
    first: Position = order.position(rows[0][1], rows[0][0])
    last: Position = order.position(rows[-1][1], rows[-1][0])
    has_next = more if not state.backwards else True
    has_previous = more if state.backwards else state.position is not None
    return {
        "next": state.address(after=last.token()) if has_next else "",
        "previous": state.address(before=first.token()) if has_previous else "",
    }


def _heads(state: ListState) -> list[dict[str, Any]]:
    found = []
    for one in state.columns:
        active = state.sort is one
        falls = not state.descending if active else one.falls_first
        found.append(
            {
                "column": one,
                "numeric": is_numeric(one),
                "url": state.address(sort=("-" if falls else "") + one.name) if one.sortable else "",
                "sorted": ("descending" if state.descending else "ascending") if active else "",
            }
        )
    return found


def _filters(state: ListState) -> list[dict[str, Any]]:
    found = []
    for one in state.filters:
        value = state.values.get(one.name)
        low, high = value if one.kind in ("number", "date") and value else (None, None)
        found.append(
            {
                "filter": one,
                "value": value,
                "low": "" if low is None else str(low),
                "high": "" if high is None else str(high),
                "options": draw_options(one.options(state.actor), value) if one.kind == "choice" else "",
            }
        )
    return found


def _pills(state: ListState) -> list[dict[str, str]]:
    found = []
    if state.text:
        found.append({"text": f"“{state.text}”", "url": state.address(q=None)})
    for one in state.filters:
        if one.name in state.values:
            text = one.said(state.values[one.name], one.options(state.actor))
            found.append({"text": text, "url": state.address(**dict.fromkeys(one.names()))})
    return found


def _views(request: PageRequest, declared: ListPage) -> list[SavedView]:
    mine = Q(owner_id=request.actor.user_id) | Q(is_shared=True)
    return list(SavedView.objects.filter(mine, page=declared.name).order_by("name")[:30])


def find_list(request: PageRequest, name: str) -> ListPage:
    load_pages()
    declared = lists.get(name)
    if declared is None or not request.actor.may(declared.record.name):
        raise Http404(name)
    return declared


@page()
def export(request: PageRequest, name: str) -> HttpResponseBase:
    """The list as a file: the rows of the filter and the shown columns that the actor may export."""
    declared = find_list(request, name)
    require(request.actor, declared.record.name, "export")
    return export_file(request, declared, request.GET)


@page()
def filters(request: PageRequest, name: str) -> HttpResponse:
    """The form of a list's filters; asked for when it is opened, for it needs all their choices."""
    declared = find_list(request, name)
    state = declared.state(request.actor, request.GET)
    context = {"list": declared, "state": state, "filters": _filters(state)}
    return render(request, "pages/partials/filters.html", context)


@page()
def neighbours(request: PageRequest, name: str, identity: int) -> HttpResponse:
    """Links to the records before and after one, in the order of the list it was opened from."""
    declared = find_list(request, name)
    state = declared.state(request.actor, QueryDict(request.GET.get("in", "")))
    before, after = state.neighbour(identity, True), state.neighbour(identity, False)
    return render(
        request,
        "pages/partials/neighbours.html",
        {
            "back": f"{reverse(declared.url_name)}?{state.kept_query}",
            "before": row_address(state, before) if before else "",
            "after": row_address(state, after) if after else "",
        },
    )


@page(methods=("POST",))
def save_view(request: PageRequest, name: str) -> HttpResponse:
    """Keep the present filters, columns and order under a name."""
    declared = find_list(request, name)
    title = request.POST.get("name", "").strip()[:60]
    query = declared.state(request.actor, QueryDict(request.POST.get("query", "")[:4000])).kept_query
    if not title:
        messages.error(request, _("The view needs a name."))
        return HttpResponseRedirect(f"{reverse(declared.url_name)}?{query}")
    moment, is_shared = now(), request.POST.get("shared") == "1"
    with transaction.atomic():
        view, _made = SavedView.objects.update_or_create(
            page=name,
            owner_id=cast(int, request.actor.user_id),
            name=title,
            defaults={
                "query": query,
                "is_shared": is_shared,
                "owner_name": request.actor.name,
                "created_at": moment,
            },
        )
        journal.tell_change(
            request.actor, moment, "view.saved", subject=view, object_type="view",
            after={"page": name, "query": query, "is_shared": is_shared},
        )  # fmt: skip
    messages.success(request, _("View “%(name)s” saved.") % {"name": title})
    return HttpResponseRedirect(f"{reverse(declared.url_name)}?{query}{'&' if query else ''}view={view.pk}")


@page(methods=("POST",))
def delete_view(request: PageRequest, identity: int) -> HttpResponse:
    view = SavedView.objects.filter(pk=identity, owner_id=cast(int, request.actor.user_id)).first()
    if view is None:
        raise Http404
    declared = find_list(request, view.page)
    with transaction.atomic():
        journal.tell_change(
            request.actor, now(), "view.deleted", subject=view, object_type="view",
            before={"page": view.page, "query": view.query, "is_shared": view.is_shared},
        )  # fmt: skip
        view.delete()
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return HttpResponseRedirect(f"{reverse(declared.url_name)}?{view.query}")


@page(methods=("GET", "POST"))
def bulk(request: PageRequest, name: str, action: str) -> HttpResponse:
    """Ask for an action's values in a dialog, then start it over the picked rows or the whole filter."""
    declared = find_list(request, name)
    wanted = next((one for one in declared.actions if one.name == action), None)
    if wanted is None:
        raise Http404(action)
    require(request.actor, declared.record.name, wanted.action)
    given = request.POST if request.method == "POST" else request.GET
    whole, ids = given.get("whole") == "1", [int(one) for one in given.getlist("ids") if one.isdigit()]
    query = QueryDict(given.get("query", ""))
    sending = request.method == "POST" and given.get("sure") == "1"
    form = wanted.form(request.actor, request.POST if sending else None) if wanted.form else None
    if sending and (form is None or form.is_valid()):
        values = {key: _plain(value) for key, value in form.cleaned_data.items()} if form else {}
        job = start_bulk(
            actor=request.actor,
            declared=declared,
            action=wanted,
            values=values,
            ids=None if whole else ids,
            query=query.urlencode(),
            now=now(),
        )
        return render(
            request, "pages/partials/bulk_started.html", {"job": job, "ended": False, "action": wanted}
        )
    count = picked_rows(request.actor, declared, wanted, None if whole else ids, query.urlencode()).count()
    return render(
        request,
        "pages/partials/bulk_dialog.html",
        {
            "list": declared,
            "action": wanted,
            "form": form,
            "count": count,
            "whole": whole,
            "ids": ids,
            "query": query.urlencode(),
        },
        status=422 if sending else 200,
    )


def _plain(value: Any) -> Any:
    return (
        value.pk
        if hasattr(value, "pk")
        else value
        if isinstance(value, str | int | bool | None)
        else str(value)
    )


@page(methods=("POST",))
def bulk_undo(request: PageRequest, identity: int) -> HttpResponse:
    """Take back what an action over many did, as far as nobody changed it since."""
    run = BulkRun.objects.filter(pk=identity, started_by_id=request.actor.user_id, undone_at=None).first()
    if run is None:
        raise Http404
    declared = find_list(request, run.page)
    action = next((one for one in declared.actions if one.name == run.action), None)
    if action is None:
        raise Http404(run.action)
    require(request.actor, declared.record.name, action.action)  # posts may have changed since
    return job_card(
        request, start_job(actor=request.actor, kind="pages.bulk_undo", arguments={"run": run.pk}, now=now())
    )
