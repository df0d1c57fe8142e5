from __future__ import annotations
import pytest
from .company_tables import DIVIDED, lay_over
from .mutants import places
from .test_mutants import ELSEWHERE, SECOND_WALLS, baseline, is_noticed
from .world import World

pytestmark = [pytest.mark.django_db]
MINE = ("investigation", "quality_cost", "repeating", "costing", "investigating")


def test_mine(world: World):
    lay_over(DIVIDED)
    asked = baseline(world)
    unasked = places() - {site.place for site in asked} - set(ELSEWHERE)
    print("UNASKED", *sorted(unasked), sep="\n")
    for site in sorted(asked):
        if any(one in site.file for one in MINE) and site.place not in SECOND_WALLS:
            if not is_noticed(world, site, asked[site]):
                print("SURVIVOR", site, flush=True)
