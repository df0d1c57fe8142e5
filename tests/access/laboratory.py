"""The laboratory: of each lot a result that waits and one that fell, and every way to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.quality.models import TestResult

from . import world as planting
from .company import plant
from .doors import client_of, page, panels, panels_bare, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

TECHNICAL = FieldClass.TECHNICAL


def plant_laboratory(world: World, filler: Filler, whose: str) -> None:
    """Beside the lot's result a draft of the same characteristic, and one that was declared invalid; the first with an uncertainty."""
    test = world.rows["lot_test", whose]
    test.uncertainty = 8_100_003 + 7919 * filler.number()
    test.save(update_fields=["uncertainty"])
    plant(world, "lot_test", "uncertainty", TECHNICAL, str(test.uncertainty), test.pk, whose)
    shared = {"lot": test.lot, "characteristic": test.characteristic, "retest_of": None}
    draft, fell = TestResult(), TestResult()
    filler.fill(draft, {**shared, "invalid_at": None, "is_draft": True, "checks_wanted": 1}).save()
    filler.fill(fell, {**shared, "invalid_at": planting.NOON}).save()
    said = {"draft.said": draft.said, "fell.said": fell.said, "fell.reason": fell.invalid_reason}
    for name, text in said.items():
        plant(world, "lot_test", name, TECHNICAL, text, test.pk, whose)
    # Which characteristics there are is the catalogue's: whoever enters a result or sets limits picks among all of them.
    product = test.lot.product_id
    plant(world, "product", "characteristic", FieldClass.PUBLIC, test.characteristic.name, product, "")


def laboratory_doors(world: World) -> list[Door]:
    waits = frozenset({"draft.said", "fell.said", "fell.reason"})
    return [
        Door("page laboratory", "page", "lot_test", page("laboratory"), many=True, promises=waits),
        Door("page lot results", "page", "lot_test", of_its_lot("lot_results"), action="create", promises=frozenset({"said"})),
        Door("page lot verify", "page", "lot_test", of_its_lot("lot_verify"), action="verify", promises=frozenset({"draft.said"})),
        Door("page result invalid", "page", "lot_test", page("result_invalid"), action="create"),
        Door("page specifications", "page", "customer", of_product("specifications")),
        Door("page specification add", "page", "customer", adding),
        Door("page specification correct", "page", "customer", correcting),
        Door("page lot release", "page", "lot", releasing, action="edit"),
        Door("page today, laboratory", "page", "lot_test", page("today"), many=True),
        Door("page specification rule", "page", "product", page("specification_rule")),
        Door("page specifications of product", "page", "product", page("specifications")),
        Door("panels product", "panel", "product", panels("product")),
        Door("panels product, bare", "panel", "product", panels_bare("product")),
    ]  # fmt: skip


def of_its_lot(name: str) -> Any:
    return lambda user, row: read(client_of(user).get(reverse(name, args=[row.lot_id])))


def of_product(name: str) -> Any:
    """Of the product for which each customer has limits of its own."""

    def of(user: User, row: Any) -> str:
        product = row.specifications.earliest("pk").product_id
        return read(client_of(user).get(reverse(name, args=[product])))

    return of


def adding(user: User, row: Any) -> str:
    """Limits for a customer who was picked."""
    product = row.specifications.earliest("pk").product_id
    address = reverse("specification_add", args=[product])
    return read(client_of(user).get(address, {"other": str(row.pk)}))


def correcting(user: User, row: Any) -> str:
    """The customer's own limits."""
    own = row.specifications.earliest("pk").pk
    return read(client_of(user).get(reverse("specification_correct", args=[own])))


def releasing(user: User, row: Any) -> str:
    return read(client_of(user).get(reverse("lot_decide", args=[row.pk, "release"])))


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
AS_FAR = "nobody planted sees results of lots that they do not see; its room's tests ask"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("quality/laboratory/queries.py", "lot_seen", "visible_to"): AS_FAR,
    ("quality/laboratory/today.py", "_by_lot", "visible_to"): AS_FAR,
    ("quality/laboratory/today.py", "my_laboratory", "visible_to"): AS_FAR,
    (
        "quality/laboratory/queries.py",
        "limits_seen",
        "visible_to",
    ): "nobody planted sets limits who does not see all customers; its room's tests ask",
    ("quality/laboratory/queries.py", "_of_lots_seen", "visible_to"): AS_FAR,
    (
        "quality/laboratory/queries.py",
        "laboratory",
        "visible_to",
    ): "of its two the lots': nobody planted sees results of lots that they do not see; the results' is missed",
    (
        "quality/laboratory/queries.py",
        "bench",
        "visible_to",
    ): "what one entered last oneself, of which laboratory and instrument are offered again",
    (
        "quality/laboratory/views.py",
        "_customer",
        "visible_to",
    ): "nobody planted sets limits who does not see all customers; its room's tests ask",
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/laboratory/specifying.py", "product_to_specify", "visible_to"): A_WRITE,
    ("quality/laboratory/specifying.py", "product_to_specify", "may_read"): A_WRITE,
    ("quality/laboratory/specifying.py", "set_limits", "visible_to"): A_WRITE,
    ("quality/laboratory/verifying.py", "verify", "visible_to"): A_WRITE,
    ("quality/laboratory/again.py", "_names", "visible_to"): A_WRITE,
    ("quality/laboratory/correcting.py", "_named", "visible_to"): A_WRITE,
    (
        "quality/laboratory/untested.py",
        "Untested.said",
        "may_read",
    ): "names what is not tested, of a product with limits in force, and none is planted; its room's tests ask",
}
