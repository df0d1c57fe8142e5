"""What is wrong with the translations: missing, empty, fuzzy, left over, told two ways, or with other placeholders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from translation import catalogue, sources

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[-\d.]*[sdfir]|(?<!%)%[sd]|\{\w*(?::[^{}]*)?\}")


def problems(rooms: list[Path], root: Path) -> Iterator[str]:
    """One line a problem, in the order of the rooms; the missing messages of a room come as entries ready to paste."""
    entries = {room: list(read_room(room)) for room in rooms}
    uses = {room: list(sources.of_room(room)) for room in rooms}
    translated: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for entry in (entry for room in rooms for entry in entries[room]):
        if entry.translations.get(0):
            translated[entry.key].add(entry.translations[0])
    asked = {use.key for room in rooms for use in uses[room]}
    for room in rooms:
        path = (room / CATALOGUE).relative_to(root)
        for use in uses[room]:
            if use.problem:
                yield f"{use.path.relative_to(root)}:{use.line}: {use.problem}"
        if (room / CATALOGUE).exists():
            for line in catalogue.read(room / CATALOGUE)[1]:
                yield f"{path}:{line}: obsolete entry (#~); remove it"
        seen: set[tuple[str | None, str]] = set()
        for entry in entries[room]:
            for fault in of_entry(entry):
                yield f"{path}:{entry.line}: {fault}: {entry.message!r}"
            if entry.key in seen:
                yield f"{path}:{entry.line}: stands twice: {entry.message!r}"
            if entry.key not in asked:
                yield f"{path}:{entry.line}: no longer used: {entry.message!r}"
            if len(translated[entry.key]) > 1:
                ways = " / ".join(sorted(translated[entry.key]))
                yield f"{path}:{entry.line}: translated in more than one way ({ways}): {entry.message!r}"
            seen.add(entry.key)
        yield from missing(uses[room], translated.keys(), path)


def read_room(room: Path) -> Iterator[catalogue.Entry]:
    path = room / CATALOGUE
    if path.exists():
        yield from (entry for entry in catalogue.read(path)[0] if entry.message)


def of_entry(entry: catalogue.Entry) -> Iterator[str]:
    if "fuzzy" in entry.flags:
        yield "fuzzy"
    if not entry.translations or not all(entry.translations.values()):
        yield "empty"
        return
    if set(entry.translations) != {0}:
        yield "Chinese has one form for every number: msgstr[0] alone"
    source = entry.message if entry.plural is None else entry.plural
    wanted, found = (set(PLACEHOLDER.findall(text)) for text in (source, entry.translations[0]))
    if wanted != found:
        yield f"placeholders differ ({', '.join(sorted(wanted ^ found))})"


def missing(uses: list[sources.Use], translated: object, path: Path) -> Iterator[str]:
    wanted = {use.key: use for use in uses if use.message and use.key not in translated}  # type: ignore[operator]
    for use in wanted.values():
        entry = catalogue.Entry(context=use.context, message=use.message, plural=use.plural)
        where = f"#: {use.path.name}:{use.line}\n"
        yield f"{path}: not translated:\n{where}{catalogue.as_text(entry)}"
