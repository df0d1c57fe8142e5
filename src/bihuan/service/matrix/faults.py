"""What can be wrong with a service matrix, as codes like those of the clocks. `service.wording` says them in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.kernel.clocks import MESSAGES as OF_CLOCKS
from bihuan.kernel.clocks import ClockFault

MESSAGES: Mapping[str, str] = {
    "needs_all": "All of these are needed, each once: %(needed)s. Missing: %(missing)s.",
    "needs_words": "A text in Chinese (zh-Hans) and in English (en) is expected here.",
    "no_limit_above": "Nobody may approve “%(value)s” above %(amount)s: one limit has to be open (up_to: null).",
    "no_pause": "The reason “%(value)s” may not pause the clock “%(clock)s”.",
    "no_promise": (
        "A case of kind “%(kind)s”, severity %(severity)s, urgency “%(urgency)s” and tier “%(tier)s” has no promise for “%(clock)s”. "
        "Write one, or say under “without” why there is none."
    ),
    "no_default": "One entry has to hold for everything that the others do not name.",
    "not_text": "A text is expected here.",
    "one_mode": "All promises for “%(clock)s” need the same on_change: a change of the case treats them alike.",
    "out_of_order": "The shares of an escalation rise from step to step.",
    "twice": "“%(value)s” stands here twice.",
}


class MatrixFault(ClockFault):
    """One fault of a matrix: `path` (`promises[3].hours`), `code` (here or among the clocks'), `params`."""

    def __init__(self, code: str, path: str = "", **params: Any) -> None:
        self.code, self.path, self.params = code, path, params
        text = (MESSAGES.get(code) or OF_CLOCKS[code]) % params
        ValueError.__init__(self, f"{path}: {text}" if path else text)
