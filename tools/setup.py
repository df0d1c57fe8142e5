"""Brings `.venv` up to its lock and builds what the pages load. Called by tools/bootstrap with the environment's own Python.

Each step has a stamp: the digest of all it was made from. A step whose stamp still holds costs a few milliseconds.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import assets
import pip_settings

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "requirements/run.txt", "dev": ROOT / "requirements/dev.txt"}
TOOLS_LOCK = ROOT / "requirements/tools.txt"


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def digest(*paths: Path, extra: str = "") -> str:
    """SHA-256 over the names and contents of the files, hex."""
    total = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


class Stamp:
    """A small file that remembers the digest a step was last made from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, value: str) -> bool:
        return self.path.is_file() and self.path.read_text() == value

    def put(self, value: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(value)


# ---------------------------------------------------------------- packages


def install_lock(level: str) -> None:
    """Makes the environment hold exactly the lock of that level, each file checked against its hash.

    `dev` contains `run`: an environment that develops is not taken back by `make up`.
    """
    stamps = {name: Stamp(VENV / f".lock-{name}") for name in LOCKS}
    wanted = {name: digest(path, TOOLS_LOCK, extra=sys.version) for name, path in LOCKS.items()}
    if stamps["dev"].holds(wanted["dev"]) or (level == "run" and stamps["run"].holds(wanted["run"])):
        return
    if stamps["dev"].path.exists():
        level = "dev"
    say(f"安装依赖包 / Installing packages ({LOCKS[level].relative_to(ROOT)}) …")
    started = time.monotonic()
    for stamp in stamps.values():
        stamp.path.unlink(missing_ok=True)
    if not (sync_with_uv(LOCKS[level]) or install_with_pip(LOCKS[level])):
        raise SystemExit(
            "依赖包未能安装：请检查网络或 pip 配置后重试。\n"
            "The packages could not be installed: check the network or pip's configuration, then run this again."
        )
    stamps[level].put(wanted[level])
    say(f"  {time.monotonic() - started:.0f} s")


def sync_with_uv(lock: Path) -> bool:
    uv = find_uv()
    if uv is None:
        return False
    command = [uv, "pip", "sync", "--quiet", "--python", sys.executable]
    command += ["--require-hashes", "--compile-bytecode", str(lock), str(TOOLS_LOCK)]
    environment = pip_settings.for_uv(sys.executable)
    if subprocess.run(command, env=environment, cwd=ROOT).returncode == 0:
        return True
    say("  uv could not; trying pip …")
    return False


def find_uv() -> str | None:
    """The uv of this environment, installed from its lock with pip where it is missing; else the one bootstrap found."""
    own = Path(sys.executable).with_name("uv")
    if not own.exists() and has_pip():
        pip("install", "--quiet", "--require-hashes", "-r", str(TOOLS_LOCK))
    if own.exists():
        return str(own)
    return os.environ.get("BIHUAN_UV") or None


def install_with_pip(lock: Path) -> bool:
    return has_pip() and pip("install", "--quiet", "--require-hashes", "-r", str(lock))


def has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0


def pip(*arguments: str) -> bool:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT).returncode == 0


def install_product() -> None:
    """Puts `bihuan` into the environment as it stands in the tree: a path file and the command, nothing to build."""
    site = Path(sysconfig.get_paths()["purelib"])
    write_if_changed(site / "bihuan.pth", f"{ROOT / 'src'}\n")
    command = VENV / "bin/bihuan"
    write_if_changed(
        command,
        first_line(VENV / "bin/python") + "import sys\n\nfrom bihuan.config.cli import main\n\n"
        'if __name__ == "__main__":\n    sys.exit(main())\n',
    )
    command.chmod(0o755)


def first_line(python: Path) -> str:
    """What starts a script with that Python. The kernel splits a path at spaces and cuts a long one: then the shell
    starts it, by a line that Python reads as a string.
    """
    if " " not in str(python) and len(os.fsencode(python)) < 120:
        return f"#!{python}\n"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"


def write_if_changed(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


# ------------------------------------------------------- assets, languages


def build_assets() -> None:
    sources = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc", "tools/assets.py")]
    sources.append(assets.ICON_LIST)
    stamp = Stamp(assets.VENDOR / ".stamp")
    value = digest(*sources)
    if stamp.holds(value):
        return
    say("生成前端资源 / Building front-end assets …")
    started = time.monotonic()
    assets.build()
    stamp.put(value)
    say(f"  {time.monotonic() - started:.0f} s")


def build_translations() -> None:
    catalogues = sorted(ROOT.glob("src/bihuan/*/locale/zh_Hans/LC_MESSAGES/*.po"))
    code = sorted((ROOT / "tools/translation").glob("*.py"))
    stamp = Stamp(VENV / ".translations")
    value = digest(*catalogues, *code)
    compiled = all(path.with_suffix(".mo").exists() for path in catalogues)
    if compiled and stamp.holds(value):
        return
    say("编译翻译 / Compiling translations …")
    # A process of its own: only now is OpenCC sure to be installed.
    if subprocess.run([sys.executable, str(ROOT / "tools/translations.py")], cwd=ROOT).returncode:
        raise SystemExit(1)
    stamp.put(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("level", choices=sorted(LOCKS), help="what runs, or what develops as well")
    parser.add_argument("--fresh", action="store_true", help="forget all stamps first")
    arguments = parser.parse_args()
    if arguments.fresh:
        for stamp in [*VENV.glob(".lock-*"), VENV / ".translations"]:
            stamp.unlink(missing_ok=True)
        shutil.rmtree(assets.VENDOR, ignore_errors=True)
    with (VENV / ".setup-lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two at once would pull the packages from under each other
        install_lock(arguments.level)
        install_product()
        build_assets()
        build_translations()


if __name__ == "__main__":
    main()
