"""Events of other companies: one that names the lot of each, and each lot together with one that went to nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM, FieldClass
from bihuan.kernel.time import now
from bihuan.people.models import AccessToken, User
from bihuan.people.tokens.services import make_token
from bihuan.quality.models import EpcisEvent, EpcisLink, EpcisTerm, Lot

from .company import plant
from .doors import client_of, command, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

TECHNICAL = FieldClass.TECHNICAL


def plant_events(world: World, filler: Filler, whose: str, lot: Lot, origin: Lot) -> None:
    world.rows["epcis_event", whose] = plant_event(world, filler, whose, lot)
    far = plant_event(world, filler, "", lot, origin)
    for name in ("kind", "file"):
        plant(world, "epcis_event", f"far.{name}", TECHNICAL, getattr(far, name), far.pk, "")


def plant_event(world: World, filler: Filler, whose: str, *lots: Lot) -> EpcisEvent:
    """An event that names these lots; what it says of its own is planted of the lot's sources and of the event itself."""
    event, text, step = EpcisEvent(), filler.word(), filler.word()
    body = {"type": "ObjectEvent", "own:said": text}
    filler.fill(event, {"body": json.dumps(body), "is_error": False}).save()
    EpcisTerm.objects.create(event=event, field="step", value=step)
    for lot in lots:
        EpcisLink.objects.create(event=event, lot=lot, role="object", uri=f"urn:bihuan:lot:zq:{lot.number}")
    plant(world, "lot", f"told.{len(lots)}", TECHNICAL, text, lots[0].pk, whose)
    plant(world, "epcis_event", "step", TECHNICAL, step, event.pk, whose)
    return event


def exchange_doors(world: World) -> list[Door]:
    told = command("epcis", "export", "--lot", key="number")
    return [
        Door("cli epcis export", "cli", "lot", told, promises=frozenset({"number", "product.code"})),
        Door("cli epcis export, shipments", "cli", "lot_shipment", lambda user, row: told(user, row.lot)),
        Door("page lot epcis", "page", "lot", page("lot_epcis"), promises=frozenset({"number", "product.code"})),
        Door("page event", "page", "epcis_event", page("epcis_event"), promises=frozenset({"kind", "step", "file"})),
        Door("page event, lot", "page", "lot", event_of_lot),
        Door("epcis query", "page", "epcis_event", page("epcis_query"), many=True),
        Door("epcis query, lots", "page", "lot", page("epcis_query"), many=True),
        Door("epcis query by token", "page", "epcis_event", query_by_token, many=True),
    ]  # fmt: skip


def event_of_lot(user: User, row: Any) -> str:
    """All events that name the lot."""
    client, keys = client_of(user), EpcisLink.objects.filter(lot=row).order_by("event").values_list("event")
    return "\n".join(read(client.get(reverse("epcis_event", args=key))) for key in keys)


NOBODY = "nobody planted sees some lots only and knows where these come from; its room's tests ask"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("quality/exchange/records.py", "told_to", "scope"): NOBODY,
}
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/exchange/records.py", "told_to", "visible_to"): NOBODY,
    (
        "quality/exchange/showing.py",
        "lots_of",
        "visible_to",
    ): "answers who sent a document, which no door does; its room's tests ask",
}


def query_by_token(user: User, _row: Any) -> str:
    """What a program is told that asks in the person's name."""
    moment = now()
    AccessToken.objects.filter(user=user).delete()
    if not user.is_active:
        return ""
    _token, secret = make_token(
        actor=SYSTEM, user=user, name="program", scopes=["epcis.read"], days=1, now=moment
    )
    return read(Client().get(reverse("epcis_query"), headers={"authorization": f"Bearer {secret}"}))
