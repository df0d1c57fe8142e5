"""No file of code over 400 lines: whoever opens one should see what it is about."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 400
FOLDERS = ("src", "tests", "tools")
KINDS = {".py", ".html", ".css", ".js"}

# path → why it may be longer
EXEMPT: dict[str, str] = {
    "src/bihuan/quality/evidence/bihuan_verify.py": "handed to customers as one file that needs no other",
}


def too_long() -> list[str]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix not in KINDS or "migrations" in parts or "vendor" in parts:
                continue
            lines = len(path.read_text(encoding="utf-8").splitlines())
            name = path.relative_to(ROOT).as_posix()
            if lines > LIMIT and name not in EXEMPT:
                found.append(f"{name}: {lines} lines; split it where a newcomer would look")
    return found + [f"{name}: exempt, but not there" for name in EXEMPT if not (ROOT / name).exists()]


if __name__ == "__main__":
    problems = too_long()
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
