"""Reading what the installed pack says: its words, its targets."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.values import write
from bihuan.kernel.settings_store import get_setting

from .pack import PACKS, read_title

PACK = "pack"
KPI_TARGETS = "packs.kpi_targets"
KEPT_SECONDS = 30.0
_kept: tuple[float, str | None] = (float("-inf"), None)


def installed_pack_name() -> str | None:
    """The pack in force; None before the first. A process asks the database at most twice a minute."""
    global _kept
    at, name = _kept
    if time.monotonic() - at > KEPT_SECONDS:
        name = get_setting(PACK)
        _kept = (time.monotonic(), name)
    return name


def forget_installed_pack() -> None:
    global _kept
    _kept = (float("-inf"), None)


def industry_title() -> str:
    pack = installed_pack_name()
    return in_language(read_title(pack)) if pack in PACKS else ""


def kpi_targets() -> list[dict[str, Any]]:
    """The targets of the installed pack, as the company changed them."""
    found: list[dict[str, Any]] = get_setting(KPI_TARGETS, [])
    return found


def targets_in_words() -> list[dict[str, str]]:
    """Each target as a reader sees it: `target`, `baseline` and `benchmark` with their unit, empty where unknown."""
    return [
        {
            "code": one["code"],
            "name": in_language(one["name"]),
            "target": aimed_at(one),
            "baseline": amount(one.get("baseline"), one["unit"]),
            "benchmark": amount(one.get("benchmark"), one["unit"]),
            "by": _("year %(n)s") % {"n": one["by_year"]} if "by_year" in one else "",
            "source": one["source"],
        }
        for one in kpi_targets()
    ]


def aimed_at(one: Mapping[str, Any]) -> str:
    """At least or at most so much; a range where the pack names one."""
    if "lowest" in one and "highest" in one:
        return f"{amount(one['lowest'], one['unit'])} – {amount(one['highest'], one['unit'])}"
    sign = "≥" if one["better"] == "up" else "≤"
    return f"{sign} {amount(one['target'], one['unit'])}"


def amount(value: Any, unit: str) -> str:
    if value is None:
        return ""
    if unit == "fraction":
        return write("fraction", value)
    units = {
        "seconds": _("seconds"),
        "minutes": _("minutes"),
        "hours": _("hours"),
        "days": _("days"),
        "money": _("yuan"),
    }
    return f"{write('quantity', value)} {units.get(unit, '')}".rstrip()
