"""Files that are there whole or not at all, also after a power cut, and the lock of the one writer."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from .faults import LogBusy

SYNCING = 16
FRESH = ".new"  # what a file is called until it is whole


class Writing:
    """Takes files one by one; `settle` returns when all of them are on the disk under their names.

    Each is written beside its place and renamed when it is on the disk, so that no name ever stands for half a file. Nothing has its name
    before `settle`.
    """

    def __init__(self) -> None:
        self._fresh: list[Path] = []
        self._folders: set[Path] = set()

    def put(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        self._make_folder(path.parent)
        handle = os.open(_fresh(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        self._fresh.append(path)

    def settle(self) -> None:
        _sync_all([_fresh(path) for path in self._fresh])
        for path in self._fresh:
            _fresh(path).replace(path)
            self._folders.add(path.parent)
        _sync_all(sorted(self._folders))
        self._fresh.clear()
        self._folders.clear()

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            self._folders.add(folder.parent)


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + FRESH)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_all(paths: list[Path]) -> None:
    """Several at once: the file system then writes its journal once for many."""
    if len(paths) < 4:
        for path in paths:
            _sync(path)
        return
    with ThreadPoolExecutor(SYNCING) as pool:
        list(pool.map(_sync, paths))


def put(path: Path, data: bytes, mode: int = 0o644) -> None:
    """One file, on the disk with its name when this returns."""
    writing = Writing()
    writing.put(path, data, mode)
    writing.settle()


@contextmanager
def locked(path: Path, wait: float) -> Iterator[None]:
    """Nobody else writes meanwhile, in this process or another; LogBusy after `wait` seconds. Ends with the process, too."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise LogBusy("busy") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)
