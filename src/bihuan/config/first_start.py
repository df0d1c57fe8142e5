"""What `bihuan up` sees to before anything is started: a database that is there, complete and of this version.

The part that needs Django runs in a child (`python -m bihuan.config.first_start STATE`), which says what it found.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from bihuan.config import environment

DEFAULT_PACK = "terpene"
DATABASE, SECRET_KEY = "bihuan.sqlite3", "secret_key"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def sign_ins() -> list[dict[str, str]]:
    """The demo's people, as the pack left them in `sign-ins.json`: username, password, role."""
    path = environment.home() / "sign-ins.json"
    if not path.is_file():
        return []
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def prepare(pack: str | None, *, keep_open: int) -> int:
    """Creates the company on the first start, brings an older database up to date on a later one. Exit status.

    `keep_open` is the number of a file that the child making the company holds open while it lives.
    """
    state = run_child("state")
    if state is None:
        return 1
    if state["pack"] is None:
        return create(pack or DEFAULT_PACK, keep_open)
    if pack and pack != state["pack"]:
        home = os.path.relpath(environment.home())
        say(f"{home} 中是行业包 {state['pack']} 的公司。另建一家 {pack} 公司，请指定另一个数据目录：")
        say(
            f"{home} holds a company of the pack {state['pack']}. Give another one of {pack} a folder of its own:"
        )
        say(f"  BIHUAN_HOME={home}-{pack} PACK={pack} make up")
        say("或者保留现有客户，只更换行业包 · or keep its customers and change the pack alone:")
        say(f"  .venv/bin/bihuan init --pack {pack}")
        return 1
    return 0


def create(pack: str, keep_open: int) -> int:
    say(
        f"首次启动：建立数据库并载入演示公司（{pack}） · First start: making the database and a demo company …"
    )
    home = environment.home()
    apart = not os.environ.get("BIHUAN_DATABASE_URL") and not (home / DATABASE).exists()
    folder = begin_apart(home) if apart else home
    status = subprocess.call(
        [sys.executable, "-m", "bihuan.config", "init", "--pack", pack, "--demo"],
        env=os.environ | {"BIHUAN_HOME": str(folder)},
        pass_fds=(keep_open,),
        preexec_fn=end_with_parent,
    )
    if status:
        say("未能建立演示公司 · The demo company could not be made.")
    elif apart:
        bring_home(folder, home)
    if apart:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def begin_apart(home: Path) -> Path:
    """An empty folder to make the company in: a start that is cut short leaves nothing half-made behind, and nothing
    that is in the home already is ever cleared away for it.
    """
    folder = home / "first-start"
    shutil.rmtree(folder, ignore_errors=True)
    environment.make_home()
    folder.mkdir(mode=0o700)
    if (home / SECRET_KEY).exists():
        shutil.copy2(home / SECRET_KEY, folder)
    return folder


def bring_home(folder: Path, home: Path) -> None:
    """Moves what was made to where it belongs, the database last: once it is there, the company is."""
    for path in sorted(folder.iterdir(), key=lambda one: one.name == DATABASE):
        target = home / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)


def end_with_parent() -> None:
    """On Linux, a program whose parent was killed outright is told to end as well."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run_child(word: str) -> dict[str, str | None] | None:
    done = subprocess.run([sys.executable, "-m", "bihuan.config.first_start", word], stdout=subprocess.PIPE)
    if done.returncode:
        return None
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


def child() -> dict[str, str | None]:
    """In a process of its own: applies what migrations are due to a database in use; says which pack it holds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    from bihuan.kernel.models import Setting
    from bihuan.kernel.settings_store import get_setting

    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return {"pack": None}
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise SystemExit(f"数据库无法连接 · The database cannot be reached: {error}") from None
    if Setting._meta.db_table not in connection.introspection.table_names():
        return {"pack": None}
    pack = get_setting("pack")
    executor = MigrationExecutor(connection)
    if pack is not None and executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("升级数据库 · Bringing the database up to date …")
        call_command("migrate", interactive=False, verbosity=0)
    return {"pack": pack}


if __name__ == "__main__":
    print(json.dumps(child()))
