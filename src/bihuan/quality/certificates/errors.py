from __future__ import annotations

from collections.abc import Sequence

from ..errors import LotError


class NotCertifiable(LotError):
    """Why a certificate cannot be issued: all reasons at once, in words for people."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons), "not_certifiable")
        self.reasons = list(reasons)
