"""Typesets one document: the order comes as JSON on standard input, the PDF goes to standard output.

Started by `rendering.py` as a file of its own. It imports nothing of the product, so that it is up in a moment.
Ends with 2 and a message on standard error where the template, its data or a font is at fault.
"""

from __future__ import annotations

import json
import sys
from typing import Any

# A package would be fetched from outside; none may be.
NOWHERE = "/nonexistent"


def typeset(order: dict[str, Any]) -> bytes:
    import typst

    document, warnings = typst.compile_with_warnings(
        order["template"],
        root=order["root"],
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=order["fonts"]
        ),
        sys_inputs={"data": order["data"]},
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
        timestamp=order["timestamp"],
        format="pdf",
    )
    for warning in warnings:
        if "font" in warning.message:
            raise RuntimeError(warning.message)
    return document


def main() -> int:
    try:
        document = typeset(json.load(sys.stdin))
    except RuntimeError as fault:
        print(getattr(fault, "diagnostic", None) or fault, file=sys.stderr)
        return 2
    sys.stdout.buffer.write(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
