"""Data in, PDF out, in a process of its own: what serves pages neither loads the typesetter nor waits in its lock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

import bihuan

PACKAGE = Path(bihuan.__file__).parent
PROCESS = Path(__file__).with_name("process.py")
NAME = re.compile(r"([a-z_]+)/([a-z0-9_]+)")

# The look uses these two and no other, not even those of the machine: a document looks the same wherever it is made.
FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")

# What a document says it was made at, unless it is told: the same data give the same bytes.
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

# Seconds; a hundred pages take about two.
PATIENCE = 60


class DocumentError(RuntimeError):
    """A document could not be made; the text says which and why, for whoever keeps the system."""


class FontMissing(DocumentError):
    """A font file that all documents need is not there; the text is for the reader and names the file."""


def render_pdf(template_name: str, data: Mapping[str, Any], *, at: datetime = NO_MOMENT) -> bytes:
    """The PDF of `ROOM/documents/NAME.typ` for `template_name` "ROOM/NAME".

    `data` is what the template finds as `data`: text, whole numbers, true and false, lists, mappings with text as keys; None
    becomes `none`. Decimals, dates and times (with zone) go in as text and are shown by the look's `number`, `day` and
    `moment`; a float is refused, because it is not exact. Nothing in `data` is ever read as markup.
    `at` is the moment written into the file's properties. The same arguments give the same bytes.
    """
    template = template_path(template_name)
    fonts = font_folder()
    order = {
        "root": str(PACKAGE),
        "template": str(template),
        "fonts": [str(fonts)],
        "data": json.dumps(plain(data), ensure_ascii=False),
        "timestamp": int(at.timestamp()),
    }
    try:
        done = subprocess.run(
            # -I: nothing from the environment or the working folder is imported.
            [sys.executable, "-I", str(PROCESS)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise DocumentError(f"{template_name}: not ready after {PATIENCE} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise DocumentError(f"{template_name}: {said or f'ended with {done.returncode}'}")
    return done.stdout


def template_path(name: str) -> Path:
    match = NAME.fullmatch(name)
    path = PACKAGE / match[1] / "documents" / f"{match[2]}.typ" if match else None
    if path is None or not path.is_file():
        raise DocumentError(f"{name!r}: there is no such document template")
    return path


def font_folder() -> Path:
    folder = Path(settings.DOCUMENT_FONTS)
    for name in FONTS:
        if not (folder / name).is_file():
            raise FontMissing(
                _("Documents cannot be made: the font file %(name)s is missing. Install the product anew.")
                % {"name": name}
            )
    return folder


def plain(value: Any) -> Any:
    """The value as JSON holds it."""
    match value:
        case None | bool() | int() | str():
            return value
        case Promise():
            return str(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    raise TypeError(f"a document takes no {type(value).__name__}")
