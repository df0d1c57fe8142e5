"""A fault of a calendar, of targets or of a time, in the reader's language. The texts stand beside the codes, in the kernel."""

from django.utils.translation import gettext as _

from bihuan.kernel.clocks import MESSAGES, ClockFault


def say_fault(fault: ClockFault) -> str:
    """“week.mon[0]: …”, translated."""
    text = _(MESSAGES[fault.code]) % fault.params
    return f"{fault.path}: {text}" if fault.path else text
