"""The company's own settings, read and written by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .models import Setting


def get_setting(name: str, default: Any = None) -> Any:
    row = Setting.objects.filter(name=name).values_list("value", flat=True).first()
    return default if row is None else row


def change_setting(name: str, value: Any, *, now: datetime) -> None:
    Setting.objects.update_or_create(name=name, defaults={"value": value, "updated_at": now})
