"""One job in a process of its own: `python -m bihuan.kernel.job_process ID`. The worker has claimed it already."""

from __future__ import annotations

import os
import sys


def main(job_id: int) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()
    from bihuan.kernel.jobs import run_job
    from bihuan.kernel.models import Job
    from bihuan.kernel.time import now

    run_job(Job.objects.get(pk=job_id), clock=now)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
