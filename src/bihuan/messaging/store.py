"""Files outside the database: raw mails and attachments, by the digest of their content, in the home folder.

The same content lies there once. What is read back is served with a type that no browser runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import puremagic
from django.conf import settings

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


def folder() -> Path:
    return Path(settings.HOME) / "messages"


def path_of(sha256: str) -> Path:
    if len(sha256) != 64 or not all(one in "0123456789abcdef" for one in sha256):
        raise ValueError(f"{sha256!r} is no digest")
    return folder() / "files" / sha256[:2] / sha256


def keep(data: bytes) -> str:
    """Keep some content; gives its digest."""
    with writing() as (stream, done):
        stream.write(data)
    return done[0]


@contextlib.contextmanager
def writing() -> Iterator[tuple[Any, list[str]]]:
    """Write content of unknown length: `with writing() as (stream, done)`; afterwards `done[0]` is its digest.

    The file appears under its name when it is whole and on the disk; a process that dies leaves only a file that
    `sweep` finds.
    """
    parts = folder() / "parts"
    parts.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=parts)
    done: list[str] = []
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream, done
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        target = path_of(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(name).replace(target)
        done.append(digest)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(sha256: str) -> bytes:
    return path_of(sha256).read_bytes()


def type_of(data: bytes, name: str, declared: str = "") -> str:
    """What the content is, by the content. A name or a declaration decides only between kinds of plain text."""
    head = data[:HEAD]
    try:
        found = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    if found in SHOWN:
        return found
    looks_marked_up = head.lstrip()[:1] == b"<" or b"<script" in head.lower() or b"<html" in head.lower()
    if declared in PLAIN and b"\0" not in head and not looks_marked_up:
        return declared
    return CLOSED


def attach(data: bytes, name: str, declared: str = "") -> dict[str, Any]:
    """Keep a file and give the reference that a queued message carries."""
    return {
        "name": name[:200],
        "type": type_of(data, name, declared),
        "size": len(data),
        "sha256": keep(data),
    }
