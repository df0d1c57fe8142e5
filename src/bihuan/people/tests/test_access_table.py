"""The access table as delivered holds together, and a mistake in it is named."""

import pytest

from bihuan.kernel.actor import ALL_CLASSES, FieldClass, Grant, Scope
from bihuan.people.access_table import ROLES, AccessTableError, delivered_table, parse_table, read_table

C = FieldClass
SMALL = {"objects": {"customer": ["view", "edit"]}, "classes": {"sales": ["public", "commercial"]}}


def test_every_post_has_rights_and_every_object_is_watched():
    table = delivered_table()
    assert {role for role, _object, _action in table.cells} == set(ROLES)
    for object_name in table.objects:
        assert table.grant("auditor", object_name, "view") == Grant(Scope.ALL, ALL_CLASSES), object_name


def test_production_and_logistics_ship_lots_and_read_what_they_are_asked_and_nothing_of_prices_or_persons():
    table = delivered_table()
    rights = {
        role: {cell[1:]: grant for cell, grant in table.cells.items() if cell[0] == role}
        for role in ("production", "logistics")
    }
    assert rights["production"] == rights["logistics"]
    assert {name: grant.scope for name, grant in rights["production"].items()} == {
        ("case", "view"): Scope.OWN,
        ("lot", "view"): Scope.ALL,
        ("lot_shipment", "view"): Scope.ALL,
        ("lot_shipment", "create"): Scope.ALL,
        ("product", "view"): Scope.ALL,
        ("staff", "view"): Scope.ALL,
    }
    assert {grant.classes for grant in rights["production"].values()} == {frozenset({C.PUBLIC})}


def test_an_auditor_changes_nothing():
    actions = {action for role, _object, action in delivered_table().cells if role == "auditor"}
    assert actions == {"view", "export"}


def test_nobody_may_act_where_they_may_not_look():
    table = delivered_table()
    for (role, object_name, action), grant in table.cells.items():
        seen = table.grant(role, object_name, "view")
        assert seen.scope >= grant.scope, (role, object_name, action)
        assert seen.classes >= grant.classes, (role, object_name, action)


def test_public_fields_are_seen_by_whoever_reaches_the_record():
    for cell, grant in delivered_table().cells.items():
        assert C.PUBLIC in grant.classes, cell


def test_tiers_are_approved_by_directors_alone():
    cells = delivered_table().cells
    approvers = {role for role, of, action in cells if action == "approve" and of in ("decision", "policy")}
    assert approvers == {"director"}


def test_lines_are_read_as_written():
    table = parse_table(
        {
            **SMALL,
            "access": {"customer": {"manager": {"view, edit": "team sales"}}},
            "routes": {"today": "signed_in"},
        }
    )
    assert table.grant("manager", "customer", "edit") == Grant(
        Scope.TEAM, frozenset({C.PUBLIC, C.COMMERCIAL})
    )
    assert table.grant("manager", "customer", "export") == Grant()


@pytest.mark.parametrize(
    ("access", "place"),
    [
        ({"customer": {"king": {"view": "all sales"}}}, "king"),
        ({"castle": {"manager": {"view": "all sales"}}}, "castle"),
        ({"customer": {"manager": {"conquer": "all sales"}}}, "conquer"),
        ({"customer": {"manager": {"view": "everywhere sales"}}}, "everywhere"),
        ({"customer": {"manager": {"view": "all royal"}}}, "royal"),
        ({"customer": {"manager": {"view": "all sales", "view, edit": "own"}}}, "view"),
        ({"customer": {"manager": {"edit": "all"}}}, "edit"),
    ],
)
def test_a_mistake_is_refused_and_named(access, place):
    with pytest.raises(AccessTableError) as refused:
        parse_table({**SMALL, "access": access})
    assert place in str(refused.value)


def test_a_route_must_ask_for_something_that_exists():
    with pytest.raises(AccessTableError) as refused:
        parse_table({**SMALL, "access": {}, "routes": {"customers:list": "customer.conquer"}})
    assert "customers:list" in str(refused.value)


def test_no_action_reaches_further_than_viewing():
    access = {"customer": {"manager": {"view": "own public", "edit": "all sales"}}}
    grants = parse_table({**SMALL, "access": access}).resolve(["manager"])
    assert grants["customer", "edit"] == Grant(Scope.OWN, frozenset({C.PUBLIC}))


def test_without_viewing_there_is_nothing():
    grants = parse_table({**SMALL, "access": {"customer": {"manager": {"edit": "all sales"}}}}).resolve(
        ["manager"]
    )
    assert not grants["customer", "edit"].scope


def test_a_cell_that_stands_twice_is_refused_and_not_overruled_unseen():
    text = """
objects: {customer: [view]}
access:
  customer:
    salesperson: {view: own public}
    salesperson: {view: all public}
"""
    with pytest.raises(AccessTableError, match=r"6: .*salesperson"):
        read_table(text)
