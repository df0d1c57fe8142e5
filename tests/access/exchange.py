"""Events of other companies: one that names the lot of each, and each lot together with one that went to nobody. What became of
documents that each post's person sent, a team mate and a stranger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM, FieldClass
from bihuan.kernel.time import now
from bihuan.people.models import AccessToken, User
from bihuan.people.tokens.services import make_token
from bihuan.quality.models import EpcisCapture, EpcisEvent, EpcisLink, EpcisTerm, Lot

from .company import plant
from .doors import client_of, command, page, read
from .matrix import Door
from .world import POSTS

if TYPE_CHECKING:
    from .world import Filler, World

TECHNICAL = FieldClass.TECHNICAL
SENT = frozenset({"file", "created_at", "actor_name"})


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


def plant_captures(world: World, filler: Filler) -> None:
    for whose in (*POSTS, "team", "other"):
        person = world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"]
        given = {"person_id": person.pk, "is_success": False, "errors": [], "reasons": []}
        row = filler.fill(EpcisCapture(), given)
        row.save()
        world.rows["epcis_capture", whose] = row


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
        Door("epcis query, one", "page", "epcis_event", page("epcis_told", key="hash_id")),
        Door("epcis query of a step", "page", "epcis_event", events_of_step, many=True),
        Door("page epcis, captures", "page", "epcis_capture", page("epcis"), many=True),
        Door("epcis capture job", "page", "epcis_capture", page("epcis_capture_job", key="key"), promises=SENT),
        Door("epcis capture jobs by token", "page", "epcis_capture", jobs_by_token, many=True, promises=SENT),
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


def events_of_step(user: User, _row: Any) -> str:
    """The events of each step that there is, one address after the other."""
    client, steps = client_of(user), EpcisTerm.objects.filter(field="step").values_list("value", flat=True)
    return "\n".join(read(client.get(reverse("epcis_events_of", args=["bizSteps", one]))) for one in steps)


def query_by_token(user: User, _row: Any) -> str:
    return by_token(user, "epcis.read", "epcis_query")


def jobs_by_token(user: User, _row: Any) -> str:
    return by_token(user, "epcis.capture", "epcis_capture")


def by_token(user: User, scope: str, route: str) -> str:
    """What a program is told that asks in the person's name."""
    moment = now()
    AccessToken.objects.filter(user=user).delete()
    if not user.is_active:
        return ""
    _token, secret = make_token(actor=SYSTEM, user=user, name="program", scopes=[scope], days=1, now=moment)
    return read(Client().get(reverse(route), headers={"authorization": f"Bearer {secret}"}))
