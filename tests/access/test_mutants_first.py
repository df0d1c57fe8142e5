"""Removing any one guard turns the matrix red. It takes long, so it comes first."""

from __future__ import annotations

import pytest

from .removing import check_guards
from .world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(3600)]


def test_without_any_one_guard_the_matrix_turns_red(world: World) -> None:
    check_guards(world)
