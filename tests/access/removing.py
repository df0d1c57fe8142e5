"""Removing any one guard turns the matrix red; a place where it does not is named here, with the reason.

Which door asks which guard is found out once, by asking all of them; then each guard is taken away, and of the doors that
ask it the likely ones come first. `share` and `of` take a part of the guards.
"""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter

import pytest
from django.db import connection

from bihuan.people.actors import present_table

from . import (
    certificates,
    charts,
    correspondence,
    depth,
    dispatch,
    exchange,
    finding,
    investigations,
    laboratory,
    lots,
    objections,
    recalls,
    reviews,
    second,
    shipping,
)
from .company_tables import DIVIDED, lay_over
from .doors import doors
from .matrix import failures
from .mutants import Site, places, watched
from .world import POSTS, World

# (file, function, guard) → why the matrix stays green without it.
NARROWS = "narrows what one sees anyway to what is one's own"
A_BUTTON = "decides whether a button is drawn; the change asks again"
ADDS_UP = "counts and sums, whose parts no page shows; its room's tests know the sums"
ALREADY = "of rows that are restricted already, it says where the database is to start"
EACH_OTHER = "the value and its definition are asked for apart; either keeps it back"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "segmentation/deciding/queries.py",
        "explain_now",
        "scope",
    ): "its reasons and figures are kept back apart",
    (
        "people/doors.py",
        "one_visible",
        "visible_to",
    ): "acting never reaches further than viewing, and both are asked",
    (
        "customers/views/around.py",
        "_one",
        "visible_to",
    ): "acting never reaches further than viewing, and both are asked",
    ("customers/queries.py", "looks_after_some", "customers_visible_to"): NARROWS,
    ("customers/queries.py", "looks_after_some", "reach"): NARROWS,
    ("customers/queries.py", "mine", "reach"): NARROWS,
    ("segmentation/scoring/queries.py", "falls_of", "classes"): "decides by what the rows are ordered",
    ("segmentation/deciding/queries.py", "tiers_held", "customers_within"): ADDS_UP,
    ("segmentation/deciding/queries.py", "tiers_held", "scope"): ADDS_UP,
    ("segmentation/deciding/queries.py", "verdict_counts", "items_visible_to"): ADDS_UP,
    ("segmentation/panels_tier.py", "tiers_section", "scope"): ADDS_UP,
    ("segmentation/deciding/services.py", "may_withdraw", "scope"): A_BUTTON,
    (
        "customers/duplicates/merging.py",
        "members_within",
        "customers_within",
    ): "a group exists only for whoever reaches all its members",
    (
        "customers/views/show.py",
        "customer_page",
        "visible_to",
    ): A_BUTTON,
    (
        "customers/duplicates/queries.py",
        "clusters_visible_to",
        "scope",
    ): "where the customers are is asked for as well, and that is nowhere",
    ("segmentation/queries.py", "current_row", "classes"): EACH_OTHER,
    ("segmentation/queries.py", "metric_definitions", "classes"): EACH_OTHER,
    ("service/access.py", "from_reach", "scope"): ALREADY,
    ("service/access.py", "in_order_or_from_reach", "scope"): ALREADY,
    (
        "service/forms.py",
        "fields_for",
        "visible_to",
    ): "offers only who may work on cases, and nobody planted may; its room's tests ask",
    ("service/queries.py", "my_due_cases", "visible_to"): "what one handles is one's own",
    (
        "service/queries.py",
        "others_of",
        "visible_to",
    ): "cases of one customer, which whoever reaches it by the customer reaches; merging asks again",
}
# (file, function, guard) → why no door of the matrix comes by.
A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
A_JOB = "guards what a job or a command does with many; its room's tests try it as others"
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("customers/duplicates/finding.py", "_store", "clusters_visible_to"): A_JOB,
    ("customers/duplicates/reviewing.py", "dismiss_clusters", "clusters_visible_to"): A_WRITE,
    ("customers/duplicates/reviewing.py", "reopen_cluster", "clusters_visible_to"): A_WRITE,
    ("customers/duplicates/views.py", "merge_undo", "merges_visible_to"): A_WRITE,
    ("customers/queries.py", "customers_of", "customers_visible_to"): A_WRITE,
    ("customers/services/many.py", "_rows", "customers_visible_to"): A_WRITE,
    ("customers/views/around.py", "relation_create", "customers_visible_to"): A_WRITE,
    ("customers/views/writing.py", "customer_edit", "customers_visible_to"): A_WRITE,
    ("integration/importing/run.py", "_interrupted", "visible_to"): A_JOB,
    ("integration/importing/run.py", "_within", "customers_within"): A_JOB,
    ("integration/importing/undo.py", "undo_import", "visible_to"): A_JOB,
    ("integration/services.py", "require_import", "visible_to"): A_WRITE,
    ("segmentation/commands_policy.py", "_external_ids", "customers_within"): A_JOB,
    ("segmentation/commands_policy.py", "run_propose", "items_visible_to"): A_JOB,
    ("segmentation/deciding/operations.py", "propose", "customers_within"): A_JOB,
    ("segmentation/deciding/operations.py", "_laid_open", "customers_within"): A_JOB,
    ("segmentation/deciding/services.py", "decide_candidates", "items_visible_to"): A_WRITE,
    ("segmentation/views/policies.py", "policy_simulation", "customers_within"): A_JOB,
    ("customers/services/around.py", "_add", "visible_to"): A_WRITE,
    ("customers/services/around.py", "_locked", "visible_to"): A_WRITE,
    ("customers/services/around.py", "_seen", "visible_to"): A_WRITE,
    ("customers/services/around.py", "remove_relation", "visible_to"): A_WRITE,
    ("customers/services/customer.py", "locked", "visible_to"): A_WRITE,
    ("customers/services/many.py", "person_for", "visible_to"): A_WRITE,
    ("customers/views/around.py", "relation_remove", "visible_to"): A_WRITE,
    ("kernel/pages/bulk.py", "picked_rows", "visible_to"): A_WRITE,
    (
        "customers/views/show.py",
        "_to_survivor",
        "visible_to",
    ): "leads from a merged customer to its survivor's page",
    ("customers/lists.py", "_mine", "reach"): NARROWS,
    ("service/services/opening.py", "open_case", "visible_to"): A_WRITE,
    ("service/services/step.py", "_seen", "visible_to"): A_WRITE,
    ("service/services/step.py", "live_case", "visible_to"): A_WRITE,
}
for room in (
    certificates,
    charts,
    correspondence,
    depth,
    dispatch,
    exchange,
    finding,
    investigations,
    laboratory,
    lots,
    objections,
    recalls,
    reviews,
    second,
    shipping,
):
    SECOND_WALLS |= room.SECOND_WALLS
    ELSEWHERE |= room.ELSEWHERE

Asked = tuple[str, str]  # door, role


def baseline(world: World) -> dict[Site, list[Asked]]:
    """Which doors ask each guard, as which post, the quick ones first; the matrix itself must be green."""
    table = present_table()
    asked: dict[Site, list[Asked]] = defaultdict(list)
    seconds: dict[Asked, float] = {}
    for door in doors(world):
        for role in ROLES_FIRST_NARROW:
            seen: set[Site] = set()
            began = perf_counter()
            with watched(seen.add):
                found = [str(one) for one in failures(world, table, [door], [role])]
            seconds[door.name, role] = perf_counter() - began
            assert not found, "\n".join(found)
            for site in seen:
                asked[site].append((door.name, role))
    for askers in asked.values():
        askers.sort(key=seconds.__getitem__)
    return asked


ROLES_FIRST_NARROW = (
    "salesperson",
    "technical",
    "manager",
    "service_agent",
    "administrator",
    "quality",
    "dispatcher",
    "director",
    "auditor",
)


def is_noticed(world: World, site: Site, asked: list[Asked], before: list[Asked] | None = None) -> bool:
    """Whether some door leaks once the guard at this place is gone. One is enough: of those that ask it, the ones that
    have noticed others are asked first, the last one of them before all; `before` is that memory."""
    table = present_table()
    by_name = {door.name: door for door in doors(world)}
    before = [] if before is None else before
    likely = [one for one in reversed(before) if one in asked]
    for name, role in dict.fromkeys([*likely, *asked]):
        try:
            with watched(without=site):
                is_red = next(failures(world, table, [by_name[name]], [role]), None) is not None
        except Exception:
            # A page that falls over what it was not meant to see is red, too.
            is_red = True
        if is_red:
            if (name, role) in before:
                before.remove((name, role))
            before.append((name, role))
            return True
    return False


def check_guards(world: World, share: int, of: int) -> None:
    """Every place has a door that comes by, and each guard of this share is missed once it is gone.

    On one kind of database: the guards are the same Python on both, and the matrix itself is asked on both.
    """
    if connection.vendor == "postgresql":
        pytest.skip("guards are removed one by one on SQLite")
    # Production sees nothing but what it is asked in, which others see as well.
    assert set(ROLES_FIRST_NARROW) == set(POSTS) - {"production"}
    lay_over(DIVIDED)
    asked = baseline(world)
    assert len(asked) >= 10, "the watch sees no guards"
    unasked = places() - {site.place for site in asked} - set(ELSEWHERE)
    assert not unasked, "no door of the matrix comes by:\n" + "\n".join(map(str, sorted(unasked)))
    ours = sorted({site.place for site in asked})[share::of]
    tried = [site for site in sorted(asked) if site.place in set(ours)]
    before: list[Asked] = []
    survivors = [site for site in tried if not is_noticed(world, site, asked[site], before)]
    unexplained = [site for site in survivors if site.place not in SECOND_WALLS]
    assert not unexplained, "removed unnoticed:\n" + "\n".join(map(str, unexplained))
    gone = set(SECOND_WALLS) - {site.place for site in asked}
    idle = gone | set(SECOND_WALLS) & set(ours) - {site.place for site in survivors}
    assert not idle, f"explained, but noticed or gone: {idle}"
