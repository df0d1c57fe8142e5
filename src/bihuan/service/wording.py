"""A fault of a calendar, of targets, of a time or of a service matrix, in the reader's language. The texts stand beside the codes."""

from django.utils.translation import gettext as _

from bihuan.kernel.clocks import MESSAGES, ClockFault
from bihuan.service.matrix import MESSAGES as OF_MATRIX


def say_fault(fault: ClockFault) -> str:
    """“week.mon[0]: …”, translated."""
    text = _(OF_MATRIX.get(fault.code) or MESSAGES[fault.code]) % fault.params
    return f"{fault.path}: {text}" if fault.path else text
