from __future__ import annotations


class LotError(Exception):
    """A posting or decision that cannot be made, in words for people. `code` is for programs; `field`: the form's field."""

    is_refusal = True

    def __init__(self, message: object, code: str = "", field: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.field = field
