"""A catalogue of translations (.po): its entries, how they are read and written, and the binary form (.mo)."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CONTEXT_SEPARATOR = "\x04"
PLURAL_SEPARATOR = "\x00"
KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)\s+(?=\")")


@dataclass
class Entry:
    """One message. `key` is what a program asks for: its context, if it has one, and the English text."""

    line: int = 0
    context: str | None = None
    message: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.message


class CatalogueError(ValueError):
    """A file that is not a catalogue; says where."""


def read(path: Path) -> tuple[list[Entry], list[int]]:
    """The entries of a .po file, its header first (message ""), and the lines on which obsolete entries stand."""
    entries: list[Entry] = []
    obsolete: list[int] = []
    entry = Entry()
    # The text being continued by the quoted lines that follow: which field of the entry it belongs to.
    target: str | None = None

    def close() -> Entry:
        if target is not None:
            entries.append(entry)
        return Entry()

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text.startswith("#~"):
            obsolete.append(number)
        elif text.startswith("#,"):
            if target is not None and target.startswith("msgstr"):
                entry, target = close(), None
            entry.flags |= {flag.strip() for flag in text[2:].split(",")}
        elif not text or text.startswith("#"):
            if target is not None and target.startswith("msgstr"):
                entry, target = close(), None
        elif match := KEYWORD.match(text):
            keyword = match[1]
            starts = keyword == "msgctxt" or (keyword == "msgid" and target != "msgctxt")
            if starts and target is not None:
                entry, target = close(), None
            if starts:
                entry.line = number
            target = keyword
            append(entry, target, unquote(text[match.end() :], path, number))
        elif text.startswith('"') and target is not None:
            append(entry, target, unquote(text, path, number))
        else:
            raise CatalogueError(f"{path}:{number}: not a line of a catalogue: {text[:60]}")
    close()
    return entries, obsolete


def append(entry: Entry, target: str, text: str) -> None:
    if target == "msgctxt":
        entry.context = (entry.context or "") + text
    elif target == "msgid":
        entry.message += text
    elif target == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    else:
        index = int(target[7:-1]) if "[" in target else 0
        entry.translations[index] = entry.translations.get(index, "") + text


def unquote(text: str, path: Path, number: int) -> str:
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        value = None
    if not isinstance(value, str):
        raise CatalogueError(f"{path}:{number}: not a quoted text: {text[:60]}")
    return value


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def write(path: Path, entries: Iterable[Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(as_text(entry) for entry in entries), encoding="utf-8")


def as_text(entry: Entry) -> str:
    lines = []
    if entry.context is not None:
        lines.append(f"msgctxt {quote(entry.context)}")
    lines.append(f"msgid {quote(entry.message)}")
    if entry.plural is None:
        lines.append(f"msgstr {quote(entry.translations.get(0, ''))}")
    else:
        lines.append(f"msgid_plural {quote(entry.plural)}")
        lines += [
            f"msgstr[{index}] {quote(text)}"
            for index, text in sorted((entry.translations or {0: ""}).items())
        ]
    return "\n".join(lines) + "\n"


def header(language: str) -> Entry:
    """Chinese has one form for every number."""
    fields = {
        "Project-Id-Version": "bihuan",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return Entry(translations={0: "".join(f"{name}: {value}\n" for name, value in fields.items())})


def compile_to(path: Path, entries: Iterable[Entry], language: str) -> None:
    """Writes the binary catalogue; fuzzy and empty entries are left out, so that the English shows instead."""
    pairs: dict[bytes, bytes] = {b"": header(language).translations[0].encode()}
    for entry in entries:
        if (
            entry.message
            and "fuzzy" not in entry.flags
            and all(entry.translations.values())
            and entry.translations
        ):
            source = (
                entry.message if entry.plural is None else entry.message + PLURAL_SEPARATOR + entry.plural
            )
            if entry.context is not None:
                source = entry.context + CONTEXT_SEPARATOR + source
            forms = [entry.translations[index] for index in sorted(entry.translations)]
            pairs[source.encode()] = PLURAL_SEPARATOR.join(forms).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(binary(pairs))


def binary(pairs: dict[bytes, bytes]) -> bytes:
    """The format of GNU gettext: a head of seven words, two tables of (length, offset), then the texts, NUL-ended."""
    sources = sorted(pairs)
    count = len(sources)
    originals_at, translations_at = 28, 28 + 8 * count
    offset = translations_at + 8 * count
    tables: list[list[int]] = [[], []]
    texts = []
    for table, column in zip(tables, (sources, [pairs[source] for source in sources]), strict=True):
        for text in column:
            table += [len(text), offset]
            texts.append(text + b"\0")
            offset += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, count, originals_at, translations_at, 0, offset)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + b"".join(texts)
