"""What the surroundings decide: where state lies, which database, which port. Standard library only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_PORT = 8300


def home() -> Path:
    """The folder of this company's state: `BIHUAN_HOME`, else `var/` in the present folder."""
    return Path(os.environ.get("BIHUAN_HOME") or "var").resolve()


def make_home() -> Path:
    """The home folder, made where it is not there: nobody else on the machine looks into a company's data."""
    folder = home()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def port() -> int:
    given = os.environ.get("BIHUAN_PORT") or str(DEFAULT_PORT)
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise SystemExit(f"BIHUAN_PORT: {given!r} is not a port")
    return int(given)


def secret_key() -> str:
    """The signing key: `BIHUAN_SECRET_KEY`, else one made once and kept in the home folder (mode 0600)."""
    given = os.environ.get("BIHUAN_SECRET_KEY")
    if given:
        return given
    path = home() / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        make_home()
        key = secrets.token_urlsafe(50)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(key)
        return key


# A connection's cache belongs to one thread of one process; the system's own cache of the file serves them all, and
# counts for none (mapped pages would count for each).
SQLITE_START = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
PRAGMA temp_store=MEMORY;
PRAGMA cache_size=-8000;
"""


def database() -> dict[str, Any]:
    """Django's database setting: `BIHUAN_DATABASE_URL` (postgresql://…) or the embedded SQLite file."""
    url = os.environ.get("BIHUAN_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home() / "bihuan.sqlite3"),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_START},
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(f"BIHUAN_DATABASE_URL: unknown kind of database {parts.scheme!r}; use postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
