"""Why a case is like another, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from .similar import Similar

SAME: Mapping[str, Any] = {
    "lot": pgettext_lazy("similar", "same lot"),
    "shipment": pgettext_lazy("similar", "same shipment"),
    "investigation": pgettext_lazy("similar", "same investigation"),
    "order": pgettext_lazy("similar", "same order"),
    "document": pgettext_lazy("similar", "same document"),
    "defect": pgettext_lazy("similar", "same defect"),
    "product": pgettext_lazy("similar", "same product"),
    "customer": pgettext_lazy("similar", "same customer"),
}


def reasons(one: Similar) -> list[Any]:
    found = [SAME[kind] for kind in one.likeness.same]
    if one.said:
        found.append(_("similar words: %(words)s") % {"words": _(", ").join(one.said)})
    return found
