"""Words of the green channel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PARTY_WORDS: dict[str, Any] = {
    "salesperson": pgettext_lazy("department", "Sales"),
    "production": pgettext_lazy("department", "Production"),
    "logistics": pgettext_lazy("department", "Logistics"),
    "finance": pgettext_lazy("department", "Finance"),
    "technical": pgettext_lazy("department", "Technical support"),
    "quality": pgettext_lazy("department", "Quality"),
    "manager": pgettext_lazy("department", "The team's manager"),
    "executive": pgettext_lazy("department", "Management"),
}
ANSWER_TONES = {"granted": "ok", "partly": "yellow", "refused": "red"}
REQUEST = _("Request of the green channel")
