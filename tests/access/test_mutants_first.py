"""Removing any one guard turns the matrix red: the first half of the guards."""

from __future__ import annotations

import pytest

from .removing import check_guards
from .world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_without_any_one_guard_of_the_first_half_the_matrix_turns_red(world: World) -> None:
    check_guards(world, share=0, of=2)
