"""A policy's faults in the reader's language. The texts are translated beside the codes, in the policy room."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.policy.errors import MESSAGES, WORDS, Hint, PolicyError

KINDS = {
    "tier": gettext_lazy("Tier policy"),
    "health": gettext_lazy("Health score"),
    "tag": gettext_lazy("Tag rules"),
}
SCHEDULES = {
    "yearly": gettext_lazy("yearly"),
    "half_yearly": gettext_lazy("half-yearly"),
    "quarterly": gettext_lazy("quarterly"),
    "monthly": gettext_lazy("monthly"),
}


def say_error(error: PolicyError) -> str:
    """“thresholds.A: …”, translated."""
    text = _(MESSAGES[error.code]) % {name: _said(name, value) for name, value in error.params.items()}
    return f"{error.path}: {text}" if error.path else text


def _said(name: str, value: Any) -> Any:
    if isinstance(value, Hint):
        return _(Hint.TEXT) % {"near": value.near} if value else ""
    return _(value) if name in ("expected", "given", "what") and value in WORDS else value
