"""What the room refuses."""

from __future__ import annotations


class PeopleError(ValueError):
    """The change cannot be made; the text says why in the reader's language. `field` names the input at fault."""

    is_refusal = True

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field
