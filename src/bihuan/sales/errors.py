class SalesError(Exception):
    """A document that cannot be posted, in words for people."""

    is_refusal = True
