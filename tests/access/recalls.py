"""Recalls: one for each post as own, team's and another's, each with a customer of the stranger's to tell, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.models import Job
from bihuan.people.models import User
from bihuan.quality.models import Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment, RecallStart

from . import world as planting
from .company import plant
from .doors import client_of, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

PUBLIC = FieldClass.PUBLIC


def plant_recall(world: World, filler: Filler, whose: str) -> None:
    """A recall of that person's lot. Where its amount is, is of all customers and lots: for whoever sees all of them."""
    row = Recall()
    whole = {name: str(8_100_003 + 7919 * filler.number()) for name in ("made", "stock", "shipped", "lost")}
    given = {"lot": world.rows["lot", whose], "closed_at": None, "whole": {**whole, "gap": "0", "unknown": 0}}
    filler.fill(row, given).save()
    world.rows["recall", whose] = row
    for name in ("made", "stock", "shipped", "lost"):
        plant(world, "recall", f"whole.{name}", PUBLIC, whole[name], row.pk, "")
    world.rows["recall_entry", whose] = plant_entry(world, filler, row, whose)
    plant_frozen(world, filler, row, whose)


def plant_strangers(world: World, filler: Filler) -> None:
    """The stranger's customer is on each list, and the stranger's lot in each recall."""
    for (name, whose), row in list(world.rows.items()):
        if name == "recall" and whose != "other":
            entry = plant_entry(world, filler, row, "other")
            plant(world, "recall_entry", "customer.name", PUBLIC, entry.customer.name, entry.pk, "other")
            plant(
                world, "recall_entry", "entry.quantity", PUBLIC, str(int(entry.quantity)), entry.pk, "other"
            )
            plant_frozen(world, filler, row, "other")

    plant_begun(world)


def plant_begun(world: World) -> None:
    """Each asked for a recall of a lot of the stranger's, which some of them do not see any more, and was told that it came to nothing."""
    for person in world.people.values():
        job = Job.objects.create(
            kind="quality.recall", state="failed", created_at=planting.NOON, ended_at=planting.NOON
        )
        RecallStart.objects.create(
            lot=world.rows["lot", "other"], reason="x", level="1", asked="stop", asked_by=person, asked_by_name="x",
            at=planting.NOON, job_id=job.pk,
        )  # fmt: skip


def plant_entry(world: World, filler: Filler, recall: Recall, whose: str) -> RecallEntry:
    entry = RecallEntry()
    customer = world.rows["customer", whose]
    filler.fill(entry, {"recall": recall, "customer": customer, "state": "answered"}).save()
    shipment = RecallShipment()
    order = world.rows["order", whose]
    filler.fill(
        shipment, {"entry": entry, "lot": world.rows["lot", whose], "order": order, "share": 0.5}
    ).save()
    note = filler.word()
    said = {
        "sent.quantity": str(int(shipment.quantity)),
        "entry.quantity": str(int(entry.quantity)),
        "customer.name": customer.name,
        "order.number": order.number,
        "lot.number": shipment.lot.number,
    }
    for name, text in said.items():
        plant(world, "recall_entry", name, PUBLIC, text, entry.pk, whose)
    RecallEvent.objects.create(
        recall=recall, entry=entry, at=planting.NOON, kind="told", note=note, actor="staff:0", actor_name="x"
    )
    plant(world, "recall_entry", "event.note", PUBLIC, note, entry.pk, whose)
    return entry


def plant_frozen(world: World, filler: Filler, recall: Recall, whose: str) -> None:
    lot = world.rows["lot", whose]
    frozen = RecallLot()
    filler.fill(frozen, {"recall": recall, "lot": lot, "share": 0.5}).save()
    plant(world, "lot", "recalled.stock", PUBLIC, str(int(frozen.stock or 0)), lot.pk, whose)


def recall_doors(world: World) -> list[Door]:
    of_entry = frozenset({"customer", "quantity", "told_whom", "event.note"})
    return [
        Door("page recall", "page", "recall", page("recall"), promises=frozenset({"number", "reason"})),
        Door("page recall, entries", "page", "recall_entry", of_its_recall, promises=of_entry),
        Door("page recall, lots", "page", "lot", of_lot),
        Door("page recall, contacts", "page", "contact", of_contact),
        Door("page recall closing", "page", "recall", page("recall_close"), action="edit"),
        Door("page recall start", "page", "lot", page("recall_start"), action="edit"),
        Door("page recall begun", "page", "lot", begun),
        Door("bell of recalls", "panel", "lot", page("notices"), many=True),
        Door("page recall step", "page", "recall_entry", step, action="edit"),
    ]  # fmt: skip


def of_its_recall(user: User, row: Any) -> str:
    return page("recall")(user, row.recall)


def of_lot(user: User, row: Any) -> str:
    """All recalls that concern the lot, as far as they are shown."""
    found = Recall.objects.filter(lots__lot=row).order_by("pk")
    return "\n".join(page("recall")(user, one) for one in found[:3])


def begun(user: User, row: Any) -> str:
    keys = RecallStart.objects.filter(asked_by=user, lot=row).values_list("pk")
    return "\n".join(read(client_of(user).get(reverse("recall_begun", args=key))) for key in keys)


def of_contact(user: User, row: Any) -> str:
    found = Recall.objects.filter(entries__customer=row.customer).order_by("pk")
    return "\n".join(page("recall")(user, one) for one in found[:3])


def step(user: User, row: Any) -> str:
    address = reverse("recall_step", args=[row.pk, "answer"])
    return read(client_of(user).get(address))


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "quality/recall/queries.py",
        "mine_to_tell",
        "visible_to",
    ): "narrows what one sees anyway to what is one's own",
    (
        "quality/recall/queries.py",
        "contacts_of",
        "visible_to",
    ): "names of contacts stand in their cases as well; the phone is asked for apart",
    (
        "quality/recall/queries.py",
        "get_entry",
        "visible_to",
    ): "acting reaches no further than viewing, and both are asked",
    (
        "quality/recall/showing.py",
        "recall_page",
        "visible_to",
    ): "nobody planted sees recalls further than lots; its room's tests ask",
    ("quality/recall/views.py", "recall_close", "visible_to"): "the page asks before, the change after",
    ("quality/recall/views.py", "recall_step", "may_read"): "decides whether an empty field is drawn",
}
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/recall/starting.py", "check_asked", "visible_to"): A_WRITE,
    ("quality/recall/telling.py", "close", "visible_to"): A_WRITE,
    ("quality/recall/telling.py", "_open_entry", "visible_to"): A_WRITE,
}
