"""The worker: takes jobs one by one and runs each in a process of its own; delivers the outbox; keeps the timetable.

A process of its own for each job keeps analytics libraries out of the worker's memory and away from the SQLite file
that the worker holds, and lets a job die without taking the worker along. The runner's heartbeat is written here, so
that a job that thinks for minutes does not look dead.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from django.db import OperationalError, close_old_connections

from bihuan.kernel import outbox, timetable
from bihuan.kernel.jobs import take_next_job
from bihuan.kernel.models import Job
from bihuan.kernel.time import now

PAUSE_SECONDS = 0.5
BEAT_SECONDS = 10
WAIT_SECONDS = 1


class Worker:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping.set()
        if self.child is not None:
            self.child.terminate()

    def run(self) -> int:
        while not self.stopping.is_set():
            try:
                if not self.step():
                    self.stopping.wait(PAUSE_SECONDS)
            except OperationalError as error:  # the database is away or busy: wait, do not die
                print(f"worker: {error}", file=sys.stderr, flush=True)
                close_old_connections()
                self.stopping.wait(5)
        return 0

    def step(self) -> bool:
        """What is due in the timetable, the outbox, one job. Whether there was anything to do."""
        timetable.start_due_jobs(now())
        timetable.run_due_rounds(now())
        delivered = outbox.deliver_due(now())
        row = take_next_job(now())
        if row is None:
            return delivered > 0
        self.run_in_child(row)
        return True

    def run_in_child(self, row: Job) -> None:
        self.child = subprocess.Popen([sys.executable, "-m", "bihuan.kernel.job_process", str(row.pk)])
        beat = time.monotonic()
        while True:
            try:
                status = self.child.wait(timeout=WAIT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                timetable.run_due_rounds(now())  # nobody waits for a long job to be warned
                if time.monotonic() - beat >= BEAT_SECONDS:
                    beat = time.monotonic()
                    Job.objects.filter(pk=row.pk).update(heartbeat_at=now())
        self.child = None
        running = Job.objects.filter(pk=row.pk, state=Job.State.RUNNING)
        if self.stopping.is_set():
            running.update(state=Job.State.WAITING)
        elif status:
            running.update(
                state=Job.State.FAILED,
                ended_at=now(),
                message=f"The process ended with status {status}.",
            )


def run_forever() -> int:
    """Work until SIGTERM or Ctrl-C; a job that is interrupted so is taken up again at the next start."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    return worker.run()
