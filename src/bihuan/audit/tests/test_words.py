"""Every action and every kind of object that the sources write into the journal has a word there.

The sources are read, not run: each call that writes an entry is followed to the action it gives, through branches, constants,
f-strings and the functions that only hand an action on. What cannot be followed so has to stand in `told`, with all it may be.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from django.utils.translation import override

import bihuan
from bihuan.audit import wording
from bihuan.audit.services import kind_of
from bihuan.customers.records import CONTACT, SITE
from bihuan.kernel.pages.lists import lists
from bihuan.kernel.pages.registry import load_pages
from bihuan.kernel.records import records
from bihuan.messaging.models import Channel, InMessage, MessageTemplate, OutMessage
from bihuan.people.models import Team
from bihuan.quality.deciding import DECISIONS
from bihuan.quality.models import LotReservation, LotRule, Movement, Specification
from bihuan.rulebook.models import PolicyVersion
from bihuan.segmentation.models import Proposal
from bihuan.service.dispatch.wording import VISIT_WORDS
from bihuan.service.investigation_rules import STEPS
from bihuan.service.investigation_wording import HAPPENED
from bihuan.service.models import CaseTemplate, Kit, Objection
from bihuan.service.objection.wording import EVENT_WORDS as OBJECTION_WORDS
from bihuan.service.wording import EVENT_WORDS

SOURCES = Path(bihuan.__file__).parent
# What takes an action as its third argument: everything that writes an entry comes by one of these.
WRITERS = (
    ("bihuan.audit.services", "record"),
    ("bihuan.audit.services", "record_each"),
    ("bihuan.audit.services", "entry_for"),
    ("bihuan.kernel.pages.journal", "tell_change"),
)
HANDS_ON = {
    "bihuan.audit.services",
    "bihuan.kernel.pages.journal",
}  # their own bodies hand on what they were given
MOST_DEPTH = 6
HAN = re.compile("[\u4e00-\u9fff]")


@dataclass
class Module:
    name: str
    tree: ast.Module
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # here → (module, name there)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    inside: dict[ast.AST, ast.FunctionDef] = field(default_factory=dict)


def read(path: Path) -> Module:
    parts = ["bihuan", *path.relative_to(SOURCES).with_suffix("").parts]
    package = parts[:-1]
    made = Module(".".join(package if parts[-1] == "__init__" else parts), ast.parse(path.read_text("utf-8")))
    for node in ast.walk(made.tree):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            made.imported |= {one.asname or one.name: (source, one.name) for one in node.names}
        elif isinstance(node, ast.FunctionDef):
            made.inside |= dict.fromkeys(ast.walk(node), node)
    for line in made.tree.body:
        if isinstance(line, ast.FunctionDef):
            made.functions[line.name] = line
        elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            made.constants[line.targets[0].id] = line.value
    return made


@cache
def modules() -> dict[str, Module]:
    kept = (one for one in SOURCES.rglob("*.py") if not {"tests", "migrations"} & set(one.parts))
    return {one.name: one for one in map(read, sorted(kept))}


def called(module: Module, call: ast.Call) -> tuple[str, str] | None:
    """(module, name) of what is called, as far as the imports tell."""
    match call.func:
        case ast.Name(id=name):
            source, real = module.imported.get(name, (module.name, name))
        case ast.Attribute(value=ast.Name(id=holder), attr=real) if holder in module.imported:
            source = ".".join(module.imported[holder])
        case _:
            return None
    seen = modules().get(source)
    # A name that a package only passes on.
    return (
        seen.imported[real]
        if seen and real not in seen.functions and real in seen.imported
        else (source, real)
    )


@cache
def calls() -> dict[tuple[str, str], list[tuple[Module, ast.Call]]]:
    found: dict[tuple[str, str], list[tuple[Module, ast.Call]]] = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and (target := called(module, node)):
                found.setdefault(target, []).append((module, node))
    return found


def given(call: ast.Call, place: int, name: str) -> ast.expr | None:
    by_name = next((one.value for one in call.keywords if one.arg == name), None)
    return by_name or (call.args[place] if place < len(call.args) else None)


def unknown(module: Module, node: ast.AST) -> str:
    return f"{module.name}: {ast.unparse(node)}"


def values(module: Module, node: ast.expr, depth: int = 0) -> set[str]:
    """All that an expression may be; what cannot be followed comes as “module: expression”, unless `told` tells it."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=other):
            return values(module, body, depth) | values(module, other, depth)
        case ast.FormattedValue(value=inner):
            return values(module, inner, depth)
        case ast.JoinedStr(values=parts):
            return {"".join(one) for one in product(*(values(module, part, depth) for part in parts))}
        case _ if unknown(module, node) in told():
            return set(told()[unknown(module, node)])
        case ast.Name() if depth < MOST_DEPTH:
            return of_name(module, node, depth + 1) or {unknown(module, node)}
        case ast.Attribute() if (member := of_class(module, node)) is not None:
            return {member}
    return {unknown(module, node)}


def of_name(module: Module, node: ast.Name, depth: int) -> set[str]:
    """What a name stands for: set in the function, given to it by whoever calls it, or a constant."""
    function = module.inside.get(node)
    if function is not None:
        inner = [
            one.value for one in ast.walk(function)
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id == node.id
        ]  # fmt: skip
        if inner:
            return set().union(*(values(module, one, depth) for one in inner))
        names = [
            one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        ]
        if node.id in names:
            return of_parameter(module, function, names.index(node.id), node.id, depth)
    if node.id in module.constants:
        return values(module, module.constants[node.id], depth)
    source, real = module.imported.get(node.id, ("", ""))
    there = modules().get(source)
    return values(there, there.constants[real], depth) if there and real in there.constants else set()


def of_parameter(module: Module, function: ast.FunctionDef, place: int, name: str, depth: int) -> set[str]:
    found: set[str] = set()
    for where, call in calls().get((module.name, function.name), []):
        node = given(call, place, name)
        found |= {unknown(where, call)} if node is None else values(where, node, depth)
    return found


def of_class(module: Module, node: ast.Attribute) -> str | None:
    """`Movement.Kind.SHIP`, as the module itself has it."""
    holder, *names = ast.unparse(node).split(".")
    if holder not in module.imported and holder not in module.constants:
        return None
    found: Any = getattr(import_module(module.name), holder, None)
    for name in names:
        found = getattr(found, name, None)
    return str(found) if isinstance(found, str) else None


def written() -> Iterator[tuple[str, str]]:
    """Each action that some call may give, with where it is called."""
    for target in WRITERS:
        for module, call in calls().get(target, []):
            node = given(call, 2, "action")
            where = f"{module.name}:{call.lineno}"
            if node is None:
                yield where, unknown(module, call)
            elif module.name not in HANDS_ON or isinstance(node, ast.Constant):
                yield from ((where, action) for action in values(module, node))


@cache
def told() -> dict[str, Iterable[str]]:
    """What the sources take from data, a person or a row: all that it may be."""
    stages = Objection.Stage.values
    return {
        "bihuan.customers.services.around: spec.name": (CONTACT.name, SITE.name),
        "bihuan.quality.deciding: event.kind": [kind for kind, _from in DECISIONS.values()],
        "bihuan.service.views.investigation: request.GET.get('of', '')": STEPS,
        "bihuan.service.objection.views: what": stages,
        "bihuan.packs.simulation.case_objections: stage": stages,
    }


# What is posted may be of any kind, and what happened to something is any of what its room has words for: also what no call
# writes out today.
ANY_OF: dict[str, Iterable[str]] = {
    "case": EVENT_WORDS,
    "visit": VISIT_WORDS,
    "lot": Movement.Kind.values,
    "investigation": (*HAPPENED, *(f"{step}_done" for step in STEPS)),
    "objection": OBJECTION_WORDS,
}
# Whom an entry is about where that is no record of the access table.
ABOUT = (
    CaseTemplate, Channel, InMessage, Kit, LotReservation, LotRule, MessageTemplate, Movement, OutMessage, PolicyVersion,
    Proposal, Specification, Team,
)  # fmt: skip


def unnamed(actions: Iterable[tuple[str, str]]) -> list[str]:
    load_pages()
    known = wording.known_actions()
    return sorted({f"{action} ({where})" for where, action in actions if action not in known})


def test_every_action_that_the_sources_write_has_a_word():
    found = list(written())
    assert len({action for _where, action in found}) > 200  # else the reading itself has lost its way
    assert unnamed(found) == []


def test_every_kind_of_event_has_a_word():
    assert unnamed((room, f"{room}.{kind}") for room, kinds in ANY_OF.items() for kind in kinds) == []


def test_an_action_without_a_word_is_noticed():
    assert unnamed([("here", "lot.held"), ("here", "lot.gilded")]) == ["lot.gilded (here)"]


def test_every_kind_of_object_has_a_word():
    load_pages()
    literal = {
        node.value
        for target in WRITERS
        for _module, call in calls().get(target, [])
        for node in (one.value for one in call.keywords if one.arg == "object_type")
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {"setting", "duplicate", "epcis"} <= literal
    kinds = literal | set(records) | set(lists) | {kind_of(one) for one in ABOUT}
    with override("en"):
        assert sorted(one for one in kinds if wording.object_word(one) == one) == []


def test_every_word_is_said_in_chinese():
    load_pages()
    for language in ("zh-hans", "zh-hant"):
        with override(language):
            words = wording.known_actions()
            assert [code for code, word in words.items() if not HAN.search(word)] == []


def forget() -> None:
    modules.cache_clear()
    calls.cache_clear()


def test_what_is_handed_on_is_followed_and_what_cannot_be_is_said(tmp_path, monkeypatch):
    file = tmp_path / "posting.py"
    file.write_text(
        "from bihuan.audit.services import record\n"
        "def one(kind): record(1, 2, f'lot.{kind}')\n"
        "def two(row): one('gilded' if row else 'waxed')\n"
        "def three(row): one(row.kind)\n",
        "utf-8",
    )
    monkeypatch.setattr(f"{__name__}.SOURCES", tmp_path)
    forget()
    try:
        found = {action for _where, action in written()}
    finally:
        forget()
    assert found == {"lot.gilded", "lot.waxed", "lot.bihuan.posting: row.kind"}
