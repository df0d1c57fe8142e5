"""Mail as the worker does it: beside everything else, in threads of its own, because servers keep one waiting.

A thread for each channel and direction, never two of the same. When the worker ends, they are asked to stop after the
mail at which they are; one that does not is cut off, which queue and folder bear.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections, connection

from bihuan.kernel.time import now

from .polling import due_polls, poll
from .routing import route_due
from .sending import due_channels, send_due

EVERY_SECONDS = 3
PATIENCE_SECONDS = 8
_stopping = threading.Event()
_threads: dict[str, threading.Thread] = {}


def start_due(moment: datetime) -> int:
    """Start what is due and not under way; how many threads were started. Called by the worker, done in a moment."""
    started = sum(_start(f"out {key}", send_due, key) for key in due_channels(moment))
    started += sum(_start(f"in {key}", poll, key) for key in due_polls(moment))
    route_due(moment)
    return started


def work_off(moment: datetime) -> tuple[int, int]:
    """Everything that is due, here and now: how many mails were dealt with going out and coming in."""
    sent = sum(send_due(key, clock=now) for key in due_channels(moment))
    taken = sum(poll(key, clock=now) for key in due_polls(moment))
    route_due(now())
    return sent, taken


def _start(name: str, work: Callable[..., int], key: int) -> bool:
    running = _threads.get(name)
    if _stopping.is_set() or (running is not None and running.is_alive()):
        return False
    if not _threads:
        atexit.register(stop)
    _threads[name] = threading.Thread(target=_run, args=(name, work, key), name=f"mail {name}", daemon=True)
    _threads[name].start()
    return True


def _run(name: str, work: Callable[..., int], key: int) -> None:
    close_old_connections()
    try:
        work(key, clock=now, stopping=_stopping.is_set)
    except Exception:
        logging.getLogger(__name__).exception("mail %s failed", name)
    finally:
        connection.close()


def stop() -> None:
    """Ask all threads to stop, and wait for them a little."""
    _stopping.set()
    for one in _threads.values():
        one.join(PATIENCE_SECONDS)
