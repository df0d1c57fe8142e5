"""Text out of bytes whose declared encoding cannot be trusted."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator

# What a declared name really means in the wild: senders say GB2312 and write what only GB18030 holds.
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
}
GUESSES = ("utf-8", "gb18030", "big5hkscs")
# Encodings that accept almost any bytes: their success says nothing, so UTF-8 is asked first.
ANYTHING_GOES = {"cp1252", "latin-1", "iso-8859-1", "gb18030", "big5hkscs", "cp949", "cp932"}


def known_encoding(declared: str | None) -> str | None:
    """Python's name of the encoding to read a declared one with; nothing for one that does not exist."""
    name = (declared or "").strip().strip("\"'").lower()
    name = WIDER.get(name, name)
    try:
        return codecs.lookup(name).name if name and codecs.lookup(name)._is_text_encoding else None
    except (LookupError, ValueError):
        return None


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of some bytes: strict readings first, the best guess where none holds. Never fails."""
    declared_name = known_encoding(declared)
    order = [declared_name] if declared_name else []
    if declared_name in ANYTHING_GOES and any(byte > 127 for byte in data):
        order.insert(0, "utf-8")
    for name in (*order, *GUESSES):
        try:
            return _without_nul(data.decode(name))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    best = min(
        (data.decode(name, "replace") for name in ("gb18030", "utf-8", "cp1252")),
        key=lambda text: text.count("\ufffd"),
    )
    return _without_nul(best)


def _without_nul(text: str) -> str:
    """PostgreSQL keeps no NUL, and no encoding of it holds half a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")


ENCODED_WORD = re.compile(r"=\?([^?\s]*)\?([bqBQ])\?(.*?)\?=", re.S)
BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")


def decode_header(raw: str | bytes | None) -> str:
    """A header as people read it: RFC 2047 words, also broken ones, and bytes that nobody encoded.

    Senders cut a character of several bytes between two words; neighbours of one encoding are therefore put
    together as bytes before they are decoded.
    """
    if raw is None:
        return ""
    data = raw if isinstance(raw, bytes) else raw.encode("ascii", "surrogateescape") if _is_raw(raw) else None
    text = decode(data) if data is not None else str(raw)
    text = BETWEEN_WORDS.sub(r"\1", re.sub(r"\r?\n(?=[ \t])", "", text))
    pieces: list[str] = []
    run: list[tuple[str, bytes]] = []
    place = 0

    def flush() -> None:
        joined: list[tuple[str, bytes]] = []
        for charset, data in run:
            if joined and joined[-1][0] == charset:
                joined[-1] = (charset, joined[-1][1] + data)
            else:
                joined.append((charset, data))
        pieces.extend(decode(data, charset) for charset, data in joined)
        run.clear()

    for found in ENCODED_WORD.finditer(text):
        if found.start() > place:
            flush()
            pieces.append(text[place : found.start()])
        charset = found.group(1).partition("*")[0].lower()
        run.append((charset, _word_bytes(found.group(2).lower(), found.group(3))))
        place = found.end()
    flush()
    pieces.append(text[place:])
    return " ".join(_without_nul("".join(pieces)).split())


def _is_raw(text: str) -> bool:
    return any("\udc80" <= one <= "\udcff" for one in text)


def _word_bytes(kind: str, text: str) -> bytes:
    plain = text.encode("ascii", "surrogateescape") if _is_raw(text) else text.encode("utf-8")
    if kind == "q":
        return quopri.decodestring(plain.replace(b"_", b" "), header=False)
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", plain)
    packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return plain


BLOCKS = frozenset("p div br tr table ul ol li h1 h2 h3 h4 h5 h6 blockquote pre hr section article".split())
SILENT = frozenset({"script", "style", "title", "template", "noscript"})
LONGEST_HTML = 1_000_000
TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20})")


def html_to_text(markup: str) -> str:
    """What an HTML mail says, its first million characters. Its markup is never shown to anybody.

    One pass that never looks back: the library's parser takes hours for some markup that is never closed.
    """
    text = "".join(_said(markup[:LONGEST_HTML])).replace("\xa0", " ")
    lines = [re.sub(r"[ \r]*\t[ \r]*", "\t", line).strip() for line in text.split("\n")]
    return _without_nul(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())


def _said(markup: str) -> Iterator[str]:
    place = 0
    while place < len(markup):
        start = markup.find("<", place)
        yield _plain(markup[place : start if start >= 0 else len(markup)])
        if start < 0:
            return
        tag = TAG_NAME.match(markup, start)
        if tag is None and markup[start + 1 : start + 2] not in ("!", "?"):
            yield "<"
            place = start + 1
            continue
        is_comment = markup.startswith("<!--", start)
        end = markup.find("-->" if is_comment else ">", start + (4 if is_comment else 1))
        if end < 0:  # never closed: the rest is markup
            return
        place = end + (3 if is_comment else 1)
        if tag is None:
            continue
        name, closes = tag.group(1).lower(), markup[start + 1] == "/"
        if name in SILENT and not closes:
            end = _closing(markup, name, place)
            if end < 0:
                return
            place = end
        elif name in BLOCKS and not (name == "br" and closes):
            yield "\n"
        elif name == "td" and not closes:
            yield "\t"


def _closing(markup: str, name: str, start: int) -> int:
    found = re.compile(f"</{name}", re.I).search(markup, start)
    return found.start() if found else -1


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"[ \t\r\n]+", " ", text))
