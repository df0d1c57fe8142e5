"""Making blocks in a process of its own, while the one before is being loaded.

The child imports neither Django nor the database; the plan goes in through its standard input, blocks come out. It
ends with the pipe.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from .pipeline import blocks
from .plan import Plan, Table

WORTH_A_PROCESS = 3_000


@dataclass
class Finished:
    """What is left of a block when its steps are done."""

    customers: int
    """Made so far, this block included."""
    tables: list[Table]
    truths: list[dict[str, Any]]


class MakerFailed(RuntimeError):
    """The making process ended before its work did; its own words are on standard error."""


def finished_blocks(plan: Plan, first_ids: Mapping[str, int]) -> Iterator[Finished]:
    """The company block by block, made ahead where there is enough of it."""
    if plan.customers < WORTH_A_PROCESS:
        yield from _made(plan, first_ids)
        return
    command = [sys.executable, "-m", "bihuan.packs.simulation.ahead"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            pickle.dump((plan, dict(first_ids)), child.stdin)
            child.stdin.close()
            while (found := _read(child.stdout)) is not None:
                yield found
        finally:
            child.stdout.close()
            child.terminate()


def _made(plan: Plan, first_ids: Mapping[str, int]) -> Iterator[Finished]:
    for block in blocks(plan, first_ids):
        yield Finished(block.first + block.count, block.tables, block.truths)


def _read(stream: IO[bytes]) -> Finished | None:
    try:
        found: Finished | None = pickle.load(stream)  # noqa: S301 - from our own child
    except EOFError as error:
        raise MakerFailed("the making process ended early") from error
    return found


def main() -> None:
    plan, first_ids = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    out = sys.stdout.buffer
    try:
        for one in _made(plan, first_ids):
            pickle.dump(one, out, protocol=5)
            out.flush()
        pickle.dump(None, out)
        out.flush()
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    from bihuan.packs.simulation import ahead

    ahead.main()  # by its own name, so that what is pickled is found by the parent
