"""Files stay short, and pages name only icons that are packed."""

from __future__ import annotations

import re
import subprocess
import sys

from .rooms import PACKAGE, REPOSITORY, name_of

ICON_TAG = re.compile(r"""\{%\s*icon\s+["']([\w/-]+)["']|icons\.svg[^#"']*["'\s%}]*#([\w-]+)""")


def test_no_file_is_longer_than_a_person_reads():
    done = subprocess.run(
        [sys.executable, "tools/file_length.py"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_every_icon_in_a_page_is_in_the_sprite():
    listed = (PACKAGE / "config/icons.txt").read_text(encoding="utf-8").split("\n")
    packed = {"-".join(reversed(name.split("/"))) for name in listed if name and not name.startswith("#")}
    unknown = [
        f"{name_of(page)}: {name}"
        for page in sorted(PACKAGE.glob("*/templates/**/*.html"))
        for name in (first or second for first, second in ICON_TAG.findall(page.read_text(encoding="utf-8")))
        if name not in packed
    ]
    assert not unknown, "add them to src/bihuan/config/icons.txt"
