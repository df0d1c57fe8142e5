"""Finds the messages that a room's Python and templates ask for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

# Where each function keeps its parts: (context, message, plural), by position; None where it has none.
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
# Dictionaries of messages by code, in rooms that know no Django; the rooms above translate them.
TABLES = {"MESSAGES", "ENGLISH"}
TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(
    rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*({TEXT})(?:\s*,\s*({TEXT}))?(?:\s*,\s*({TEXT}))?"
)


@dataclass(frozen=True)
class Use:
    """One place that asks for a message. `problem` is set where the message cannot be read from the source."""

    path: Path
    line: int
    context: str | None
    message: str
    plural: str | None = None
    problem: str = ""

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.message


def of_room(room: Path) -> Iterator[Use]:
    for path in sorted(room.rglob("*")):
        inside = path.relative_to(room).parts
        if "tests" in inside or "migrations" in inside or "vendor" in inside:
            continue
        if path.suffix == ".py":
            yield from in_python(path)
        elif "templates" in inside and path.suffix in {".html", ".txt"}:
            yield from in_template(path)


def in_python(path: Path) -> Iterator[Use]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except SyntaxError as error:
        yield Use(path, error.lineno or 0, None, "", problem=f"not Python: {error.msg}")
        return
    names = {name: name for name in CALLS} | {"_": "gettext"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {
                alias.asname: alias.name for alias in node.names if alias.asname and alias.name in CALLS
            }
    for node in tree.body:
        yield from table_of_messages(path, node)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in names and node.args:
                yield from python_call(path, node, names[name])


def table_of_messages(path: Path, node: ast.stmt) -> Iterator[Use]:
    """The values of a dictionary that holds messages by code, written where translation is not at hand."""
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.value, ast.Dict):
        return
    if isinstance(node.target, ast.Name) and node.target.id in TABLES:
        for value in node.value.values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield Use(path, value.lineno, None, value.value)


def python_call(path: Path, call: ast.Call, function: str) -> Iterator[Use]:
    context, message, plural = CALLS[function]

    def part(position: int | None) -> str | None:
        if position is None or position >= len(call.args):
            return None
        argument = call.args[position]
        return (
            argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
        )

    text = part(message)
    if text:
        yield Use(path, call.lineno, part(context), text, part(plural))
    elif message < len(call.args) and isinstance(call.args[message], ast.JoinedStr | ast.BinOp):
        problem = "a message must be written out; put what varies into a placeholder"
        yield Use(path, call.lineno, None, "", problem=problem)


def in_template(path: Path) -> Iterator[Use]:
    if not settings.configured:
        settings.configure(USE_I18N=False)
    # Line by line, what templatize leaves stands where it stood in the template.
    plain = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for match in IN_TEMPLATE.finditer(plain):
        function = "gettext" if match[1] == "_" else match[1]
        texts = [ast.literal_eval(text) if text else None for text in match.groups()[1:]]
        context, message, plural = (None if place is None else texts[place] for place in CALLS[function])
        if message:
            yield Use(path, plain.count("\n", 0, match.start()) + 1, context, message, plural)
