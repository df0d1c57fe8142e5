"""Captured events in the palette of whoever may capture some; all who read them come from the list of lots."""

from __future__ import annotations

from bihuan.kernel.pages.registry import palette_action

from . import lists, machine  # noqa: F401  (names what tokens are for)

palette_action(
    lists.EVENTS_LIST.title, "epcis", "arrows-exchange", object="lot", words="EPCIS GS1 capture 事件"
)
