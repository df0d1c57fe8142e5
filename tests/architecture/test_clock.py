"""The clock is passed in: the domain never asks for the time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .rooms import PACKAGE, modules, name_of, parsed

# How the standard library and Django tell the time.
SYSTEM_CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "time.time",
}
MAY_ASK = {"kernel/time.py": "the one place that asks"}
DOMAIN = {"services", "queries", "rules", "metrics", "access", "models", "datasets", "subscribers"}


def clocks_asked(source: ast.Module) -> Iterator[str]:
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            if f"{owner}.{node.attr}" in SYSTEM_CLOCKS:
                yield f"line {node.lineno}: {owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in {"django.utils.timezone", "time"}:
            for alias in node.names:
                if f"{node.module.rsplit('.', 1)[-1]}.{alias.name}" in SYSTEM_CLOCKS:
                    yield f"line {node.lineno}: {node.module}.{alias.name}"


def test_only_one_module_asks_the_system():
    asked = [
        f"{name_of(path)} {found}"
        for path in modules()
        if path.relative_to(PACKAGE).as_posix() not in MAY_ASK
        for found in clocks_asked(parsed(path))
    ]
    assert not asked


def test_the_domain_takes_now_from_its_caller():
    """Pages, commands and workers are doors and may ask `kernel.time.now`; what they call may not."""
    asked = [
        f"{name_of(path)} line {node.lineno}"
        for path in modules()
        if "views" not in path.parts  # a door, whatever its page is called
        and DOMAIN & {path.stem.split("_")[0], *path.relative_to(PACKAGE).parts[1:-1]}
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith("kernel.time")
        and any(alias.name == "now" for alias in node.names)
    ]
    assert not asked


@pytest.mark.parametrize(
    "line",
    ["datetime.now(UTC)", "default=timezone.now", "datetime.date.today()", "time.time()"],
)
def test_the_watch_sees_each_way_of_asking(line: str):
    assert list(clocks_asked(ast.parse(f"f({line})")))
