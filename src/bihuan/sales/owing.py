"""What a customer owes once credits are set against it. Pure: no database, no clock.

A credit note is an open item of negative amount beside the receivables, as accounts keep it. Until accounts clear it against one of
them, it counts against the oldest due first. The lake's rowset `sales.dues` reckons the same for all customers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

ZERO = Decimal(0)


def after_credits(open_items: Sequence[Decimal]) -> list[Decimal]:
    """What is left of each open item, given what is open of it in the order of due dates: a credit leaves nothing of itself, and
    of what is owed it covers the first items. Credits that exceed all leave zeros."""
    credit = -sum((one for one in open_items if one < 0), ZERO)
    left = []
    for one in open_items:
        covered = min(credit, max(one, ZERO))
        credit -= covered
        left.append(max(one, ZERO) - covered)
    return left
