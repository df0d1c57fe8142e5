class CaseError(Exception):
    """A step that cannot be taken, in words for people. `field`: the form's field that it is about, "" for none."""

    is_refusal = True

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.field = field
