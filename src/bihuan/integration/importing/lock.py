"""One import at a time. The lock belongs to the process and falls with it, however it ends."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ADVISORY = 0x42494855  # "BIHU"


@contextmanager
def only_import(waiting: Callable[[], None] | None = None, *, pause: float = 0.5) -> Iterator[None]:
    """Hold the lock while the block runs.

    Another holder is waited for; `waiting` is called once before, and again after each pause, and may raise to give
    up (a cancelled job).
    """
    if connection.vendor == "postgresql":
        yield from _advisory(waiting, pause)
    else:
        yield from _file(waiting, pause)


def is_held() -> bool:
    """Whether some living process imports at this moment."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY])
            if not cursor.fetchone()[0]:
                return True
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY])
        return False
    with _lock_path().open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _lock_path() -> Path:
    folder = Path(settings.HOME)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "import.lock"


def _file(waiting: Callable[[], None] | None, pause: float) -> Iterator[None]:
    with _lock_path().open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waiting:
                    waiting()
                time.sleep(pause)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _advisory(waiting: Callable[[], None] | None, pause: float) -> Iterator[None]:
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY])
            if cursor.fetchone()[0]:
                break
            if waiting:
                waiting()
            time.sleep(pause)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY])
