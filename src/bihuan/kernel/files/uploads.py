"""Taking in what somebody uploads: kind and size are checked before a row names it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .store import path_of, writing
from .types import CLOSED, HEAD, PLAIN, SHOWN, is_office, looks_marked_up, type_of

MEGABYTE = 1024 * 1024
MOST_MB = 25
MOST_VIDEO_MB = 200
MOST_NAME = 200
# What a name may not hold: control characters, what separates folders, and marks that turn the reading direction,
# with which `exe.jpg` is made of `gpj.exe`.
_UNNAMEABLE = re.compile("[\\x00-\\x1f\\x7f/\\\\\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")


class FileRefused(Exception):
    """A file that is not taken; the message is for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store. `size` in bytes."""

    sha256: str
    name: str
    content_type: str
    size: int

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


def keep_upload(upload: Any) -> Kept:
    """Keep an uploaded file (Django's `UploadedFile`); `FileRefused` for what is empty, too large or of no kind that
    is taken: photos, videos, sound, PDF, plain text and tables, and office documents."""
    name = tidy_name(str(upload.name or ""))
    if not upload.size:
        raise FileRefused(_("%(name)s is empty.") % {"name": name})
    upload.seek(0)
    head = upload.read(HEAD)
    content_type = _taken(head, name, str(upload.content_type or ""))
    limit = MOST_VIDEO_MB if content_type.startswith("video/") else MOST_MB
    if upload.size > limit * MEGABYTE:
        raise FileRefused(
            _("%(name)s is larger than %(limit)s MB.") % {"name": name, "limit": limit},
        )
    upload.seek(0)
    with writing() as (stream, done):
        for chunk in upload.chunks():
            stream.write(chunk)
    return Kept(done[0], name, content_type, path_of(done[0]).stat().st_size)


def _taken(head: bytes, name: str, declared: str) -> str:
    if name.lower().endswith(".csv"):
        declared = "text/csv"
    elif name.lower().endswith((".txt", ".log")):
        declared = "text/plain"
    found = type_of(head, name, declared.partition(";")[0])
    if found in SHOWN | PLAIN:
        return found
    if is_office(head, name) and not looks_marked_up(head):
        return CLOSED
    raise FileRefused(
        _("%(name)s is no file of a kind that is taken: photos, videos, PDF, text, office documents.")
        % {"name": name}
    )


def tidy_name(name: str) -> str:
    """A name that can be shown and saved under; the end, which tells the kind, is kept where it is too long."""
    tidy = _UNNAMEABLE.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "file"
    if len(tidy) <= MOST_NAME:
        return tidy
    stem, dot, end = tidy.rpartition(".")
    if not dot or len(end) > 10:
        return tidy[:MOST_NAME]
    return f"{stem[: MOST_NAME - len(end) - 1]}.{end}"
