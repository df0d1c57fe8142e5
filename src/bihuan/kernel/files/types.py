"""What a file is, by its content."""

from __future__ import annotations

import puremagic

# What may be shown as what it is. Everything else is handed out as bytes to be saved: HTML, SVG, scripts and programs
# would run with the rights of whoever opens them.
SHOWN = {
    "application/pdf",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "audio/mpeg",
    "video/mp4",
    "video/quicktime",
    "video/webm",
}
CLOSED = "application/octet-stream"
# Types that are only text: no magic bytes tell them, and none of them runs.
PLAIN = {"text/plain", "text/csv"}
HEAD = 64 * 1024
# Spreadsheets, documents and slides, as their containers begin: ZIP with a list of content types, or OLE.
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_NAMES = (".docx", ".xlsx", ".pptx", ".doc", ".xls", ".ppt", ".wps", ".et", ".odt", ".ods")
# Kinds of ISO media (`ftyp` at the fifth byte) by their first brand.
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
}
_PHONE_VIDEO = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"MSNV",
    b"3gp",
)


def type_of(data: bytes, name: str, declared: str = "") -> str:
    """What the content is. `data`: at least its first 64 kB. A name or a declaration decides only between kinds of
    plain text."""
    head = data[:HEAD]
    found = _media(head) or _magic(head)
    if found in SHOWN:
        return found
    if declared in PLAIN and b"\0" not in head and not looks_marked_up(head):
        return declared
    return CLOSED


def is_office(head: bytes, name: str) -> bool:
    """Whether it is a document of an office program: to be saved and opened there, never shown."""
    return head.startswith((_ZIP, _OLE)) and name.lower().endswith(_OFFICE_NAMES)


def looks_marked_up(head: bytes) -> bool:
    low = head.lower()
    return head.lstrip()[:1] == b"<" or b"<script" in low or b"<html" in low


def _media(head: bytes) -> str:
    if head[4:8] != b"ftyp":
        return ""
    brand = head[8:12]
    return _BRANDS.get(brand) or ("video/mp4" if brand.startswith(_PHONE_VIDEO) else "")


def _magic(head: bytes) -> str:
    try:
        return str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return ""
