"""Builds the catalogues: traditional characters from simplified ones, then the binary files that the product reads.

translations.py            build
translations.py --check    say what is missing or wrong, and fail if anything is
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from translation import catalogue, check

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ROOT / "src/bihuan"

# What OpenCC's Taiwan vocabulary leaves in mainland use.
TAIWAN_TERMS = (("質量", "品質"), ("支持", "支援"), ("在線", "線上"))


def rooms() -> list[Path]:
    return sorted(path.parent for path in ROOMS.glob("*/__init__.py"))


def build() -> None:
    import opencc  # one library that only this step needs

    converter = opencc.OpenCC("s2twp")

    def traditional(text: str) -> str:
        text = converter.convert(text)
        for mainland, taiwan in TAIWAN_TERMS:
            text = text.replace(mainland, taiwan)
        return text

    for room in rooms():
        simplified = room / check.CATALOGUE
        generated = Path(str(simplified).replace("zh_Hans", "zh_Hant"))
        if not simplified.exists():
            for stale in (simplified, generated):
                stale.with_suffix(".mo").unlink(missing_ok=True)
            generated.unlink(missing_ok=True)
            continue
        entries = [entry for entry in catalogue.read(simplified)[0] if entry.message]
        converted = [
            replace(
                entry, translations={index: traditional(text) for index, text in entry.translations.items()}
            )
            for entry in entries
        ]
        catalogue.write(generated, [catalogue.header("zh_Hant"), *converted])
        catalogue.compile_to(simplified.with_suffix(".mo"), entries, "zh_Hans")
        catalogue.compile_to(generated.with_suffix(".mo"), converted, "zh_Hant")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    try:
        if not arguments.check:
            build()
            return 0
        found = list(check.problems(rooms(), ROOT))
    except catalogue.CatalogueError as error:
        found = [str(error)]
    print("\n".join(found) if found else "translations: every message has its Chinese")
    if found:
        print(f"translations: {len(found)} to mend", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
