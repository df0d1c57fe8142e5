"""Where the content lies: under the home folder, each file named by its SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings


def folder() -> Path:
    return Path(settings.HOME) / "files"


def path_of(sha256: str) -> Path:
    """Where content of that digest lies. `ValueError` for what is no digest."""
    if len(sha256) != 64 or not all(one in "0123456789abcdef" for one in sha256):
        raise ValueError(f"{sha256!r} is no digest")
    return folder() / sha256[:2] / sha256


def keep(data: bytes) -> str:
    """Keep some content; gives its digest."""
    with writing() as (stream, done):
        stream.write(data)
    return done[0]


@contextlib.contextmanager
def writing() -> Iterator[tuple[Any, list[str]]]:
    """Write content of unknown length: `with writing() as (stream, done)`; afterwards `done[0]` is its digest.

    The file appears under its name when it is whole and on the disk; a process that dies leaves only a part that
    nothing names.
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
