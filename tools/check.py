"""`make check`: everything that reads the code without running the product. All steps run; any failure fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
STEPS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "--quiet", "--output-format", "concise"],
    "lint": ["ruff", "check", "--quiet"],
    "types": ["mypy"],
    "room order": ["lint-imports", "--no-cache"],
    "migrations": [PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "translations": [PYTHON, "tools/translations.py", "--check"],
    "file length": [PYTHON, "tools/file_length.py"],
}


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="bihuan-check-") as home:
        # Settings make a secret key where there is none: not in the tree.
        environment = os.environ | {
            "BIHUAN_HOME": home,
            "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
            "PYTHONPATH": str(ROOT / "src"),
        }
        for name, command in STEPS.items():
            started = time.monotonic()
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
            outcome = "ok" if done.returncode == 0 else "FAILED"
            print(f"{name:<14}{outcome:<8}{time.monotonic() - started:5.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print((done.stdout + done.stderr).rstrip() or f"exit status {done.returncode}", flush=True)
                if name == "format":
                    print("mend it with: .venv/bin/ruff format", flush=True)
    print(f"check: {', '.join(failed)} failed" if failed else "check: all well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
