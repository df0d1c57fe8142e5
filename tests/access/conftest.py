from __future__ import annotations

from collections.abc import Iterator

import pytest

from bihuan.kernel.settings_store import change_setting
from bihuan.segmentation.scoring.services import applied_policies

from .company import FACTS
from .doors import NOW, forget_clients
from .world import World, build_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())  # what is new to Today is so on the day of the planting
    built = build_world()
    # The figures are planted, not computed: they count as fresh.
    coverage = {f"facts.{name}": 1 for name in FACTS}
    change_setting(
        "metrics.state",
        {
            "as_of": "2026-03-01",
            "pinned": True,
            "coverage": coverage,
            "customers": 11,
            "policies": applied_policies(NOW),
        },
        now=NOW,
    )
    forget_clients()
    yield built
    forget_clients()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refusals are what is asked for here; they need not be told one by one."""
    import logging

    logger = logging.getLogger("django.request")
    before, logger.level = logger.level, logging.CRITICAL
    yield
    logger.level = before
