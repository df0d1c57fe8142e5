"""Taking away one guard at a time, at one place at a time, while the program runs.

A guard is a call of one of the functions that keep records or fields back. `watched` lets all of them do their work
and writes down from where each was called; `without` makes the calls from some places permissive.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from unittest import mock

from django.db.models import Q
from django.urls import get_resolver

import bihuan
from bihuan.customers import access as customers_access
from bihuan.customers import queries as customers_queries
from bihuan.customers.duplicates import queries as duplicates_queries
from bihuan.customers.models import Customer, DuplicateCluster, Merge
from bihuan.kernel.actor import ALL_CLASSES, Actor, Scope
from bihuan.kernel.jobs import load_jobs
from bihuan.kernel.pages.registry import load_pages
from bihuan.kernel.records import RecordSpec
from bihuan.messaging import access as messaging_access
from bihuan.segmentation import access as segmentation_access
from bihuan.segmentation import queries as segmentation_queries
from bihuan.segmentation.models import Decision, MetricRow, ProposalItem

SOURCES = Path(bihuan.__file__).parent


@dataclass(frozen=True, order=True)
class Site:
    """A place in the code, down to the line, that calls a guard."""

    file: str
    function: str
    guard: str
    line: int = 0

    @property
    def place(self) -> tuple[str, str, str]:
        return self.file, self.function, self.guard


def _open_rows(self: RecordSpec, actor: Actor, action: str = "view", rows: Any = None) -> Any:
    return self.model._default_manager.all() if rows is None else rows


def _all_fields(self: RecordSpec, actor: Actor, action: str = "view") -> Any:
    return self.fields


# guard → what it is without its judgement
PERMISSIVE: dict[str, Callable[..., Any]] = {
    "visible_to": _open_rows,
    "readable": _all_fields,
    "may_read": lambda *_args, **_more: True,
    "classes": lambda *_args, **_more: ALL_CLASSES,
    "scope": lambda *_args, **_more: Scope.ALL,
    "reach": lambda *_args, **_more: Q(pk__gt=0),  # an empty one would add nothing to an “or”
    "customers_within": lambda *_args, **_more: Customer.objects.all(),
    "customers_visible_to": lambda *_args, **_more: Customer.objects.filter(merged_into=None),
    "clusters_visible_to": lambda *_args, **_more: DuplicateCluster.objects.all(),
    "merges_visible_to": lambda *_args, **_more: Merge.objects.order_by("-merged_at", "-pk"),
    "decisions_visible_to": lambda *_args, **_more: Decision.objects.all(),
    "items_visible_to": lambda *_args, **_more: ProposalItem.objects.all(),
    "messages_within": lambda _actor, rows, *_args, **_more: rows,
    "metric_rows_visible_to": lambda *_args, **_more: MetricRow.objects.all(),
}
OWNERS: dict[str, type[Any]] = {
    "visible_to": RecordSpec,
    "readable": RecordSpec,
    "may_read": RecordSpec,
    "classes": Actor,
    "scope": Actor,
}
# Guards that are functions: each of their callers is a place of its own.
FUNCTIONS = {
    "reach": customers_access,
    "customers_within": customers_access,
    "customers_visible_to": customers_queries,
    "clusters_visible_to": duplicates_queries,
    "merges_visible_to": duplicates_queries,
    "decisions_visible_to": segmentation_access,
    "items_visible_to": segmentation_access,
    "messages_within": messaging_access,
    "metric_rows_visible_to": segmentation_queries,
}


@cache
def load_everything() -> None:
    """A module that is loaded only while the watch is on would keep it for ever."""
    load_pages()
    load_jobs()
    assert get_resolver().url_patterns
    for path in SOURCES.rglob("commands*.py"):
        import_module(".".join(("bihuan", *path.relative_to(SOURCES).with_suffix("").parts)))


@contextmanager
def watched(seen: Callable[[Site], None] | None = None, without: Collection[Site] = ()) -> Iterator[None]:
    """Tell `seen` of each call of a guard; make those from `without` permissive."""
    load_everything()
    with ExitStack() as stack:
        for guard, owner in OWNERS.items():
            stack.enter_context(
                mock.patch.object(owner, guard, _watcher(guard, getattr(owner, guard), seen, without))
            )
        for guard, home in FUNCTIONS.items():
            watcher = _watcher(guard, getattr(home, guard), seen, without)
            for module in callers(guard):
                stack.enter_context(mock.patch.object(module, guard, watcher))
        yield


@cache
def callers(guard: str) -> tuple[ModuleType, ...]:
    """The modules that know a guard by its name; asked before any watch is on."""
    real = getattr(FUNCTIONS[guard], guard)
    return tuple(
        module
        for name, module in list(sys.modules.items())
        if name.startswith("bihuan.") and getattr(module, guard, None) is real
    )


def _watcher(
    guard: str, real: Callable[..., Any], seen: Callable[[Site], None] | None, without: Collection[Site]
) -> Callable[..., Any]:
    permissive = PERMISSIVE[guard]

    def call(*args: Any, **more: Any) -> Any:
        frame = sys._getframe(1)
        place = _place(frame.f_code)
        if place is None:
            return real(*args, **more)
        site = Site(*place, guard, frame.f_lineno)
        if seen is not None:
            seen(site)
        return permissive(*args, **more) if site in without else real(*args, **more)

    return call


@cache
def _place(code: CodeType) -> tuple[str, str] | None:
    """File and function of a piece of code; None where it is none of ours."""
    path = Path(code.co_filename)
    if not path.is_relative_to(SOURCES):
        return None
    return str(path.relative_to(SOURCES)), _named(code.co_qualname)


def _named(qualname: str) -> str:
    """Comprehensions and inner functions count to the function that they stand in."""
    return qualname.split(".<locals>")[0]


def places() -> set[tuple[str, str, str]]:
    """Every place of the code that calls a guard on records, found by reading the sources."""
    found = set()
    for path in sorted(SOURCES.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        file = str(path.relative_to(SOURCES))
        for function, node in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_method = isinstance(node.func, ast.Attribute)
            if name in FUNCTIONS or (is_method and name in ("visible_to", "readable", "may_read")):
                found.add((file, function, name))
    return found


def _calls(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield inside or "<module>", node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}.{node.name}" if inside else node.name
            yield from _calls(node, name)
        else:
            yield from _calls(node, inside)
