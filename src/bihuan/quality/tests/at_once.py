"""Two threads that begin at the same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection


def at_once[T](act: Callable[[int], T]) -> list[T]:
    """What each of two threads got; what one raises is raised here."""
    start, got, raised = threading.Barrier(2), dict[int, T](), list[BaseException]()

    def one(number: int) -> None:
        start.wait(timeout=20)
        try:
            got[number] = act(number)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if raised:
        raise raised[0]
    return [got[0], got[1]]
