class CustomerError(Exception):
    """A change that cannot be made, in words for people. `field`: the form's field that it is about, "" for none."""

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.field = field
