"""The matcher as a process: `python -m bihuan.customers.matching.process`, a JSON request in, a JSON answer out.

Request: records (a CSV file), profile, apart (pairs of ids known to be two), out (the file to write: JSON Lines of
a, b, probability, merge). Answer: `{"pairs": n}`. No Django and no database here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> int:
    from .link import dedupe

    request = json.load(sys.stdin)
    apart = [(str(a), str(b)) for a, b in request.get("apart", ())]
    pairs = 0
    with Path(request["out"]).open("w", encoding="utf-8") as file:
        for pair in dedupe(Path(request["records"]), request["profile"], apart=apart):
            file.write(json.dumps(pair) + "\n")
            pairs += 1
    json.dump({"pairs": pairs}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
