"""Stations, technicians and visits: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.customers.models import Site
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.files import keep
from bihuan.kernel.pages.lists import lists
from bihuan.kernel.settings_store import change_setting
from bihuan.kernel.time import local_date
from bihuan.people.models import User
from bihuan.service.dispatch.store import DISPATCH
from bihuan.service.models import (
    Absence,
    CaseFile,
    Kit,
    Station,
    Technician,
    TechnicianCertificate,
    Training,
    Visit,
    VisitEvent,
    VisitSample,
)

from . import world as planting
from .doors import client_of, neighbours, ordered, page, panels, panels_bare, read
from .matrix import Door
from .world import Planted

if TYPE_CHECKING:
    from .world import Filler, World

# Those are of the team of whoever they belong to, and that is the one team of all posts.
OF_THE_TEAM = ("visit", "technician", "station")
ADDS = ("certificate", "training", "absence")


def plant_dispatch(world: World, filler: Filler, whose: str) -> None:
    """A station, a technician with one of each paper, a kit that is carried; a visit about the case of the same person."""
    person = world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"]
    station = Station()
    filler.fill(station, {"latitude": 31.2, "longitude": 121.5, "calendar": "7x12"}).save()
    technician = Technician()
    filler.fill(technician, {"user": person, "station": station, "skills": [], "calendar": ""}).save()
    kit = Kit()
    filler.fill(kit, {"station": station, "carrier": technician}).save()
    words = {
        name: filler.word() for name in ("number", "subject", "absence", "event", "sample", "result", "photo")
    }
    TechnicianCertificate.objects.create(
        technician=technician, kind="x", number=words["number"], valid_from=date(2020, 1, 1)
    )
    Training.objects.create(
        technician=technician, held_on=date(2020, 1, 1), hours=1, subject=words["subject"]
    )
    Absence.objects.create(
        technician=technician, first_on=date(2020, 1, 1), last_on=date(2020, 1, 2), reason=words["absence"]
    )
    leaves = planting.NOON - timedelta(days=15_000 + 9 * filler.number())
    visit = Visit()
    filler.fill(
        visit,
        {
            "case": world.rows["case", whose], "technician": technician, "kit": kit,
            "site": Site.objects.get(pk=world.rows["site", whose].pk), "leaves_at": leaves,
            "starts_at": leaves + timedelta(days=1), "ends_at": leaves + timedelta(days=2),
            "signature": "", "distance_m": None,
        },
    ).save()  # fmt: skip
    VisitEvent.objects.create(
        visit=visit, at=leaves, kind="planned", actor="x", actor_name="x", data={"reason": words["event"]}
    )
    CaseFile.objects.create(
        case=world.rows["case", whose], sha256=keep(words["photo"].encode()), name=words["photo"], content_type="text/plain",
        size=1, actor="staff:0", actor_name="x", at=planting.NOON, field_class=FieldClass.TECHNICAL.value,
        about=f"visit:{visit.pk}",
    )  # fmt: skip
    VisitSample.objects.create(
        visit=visit, number=words["sample"], taken_at=leaves, result=words["result"], result_at=leaves
    )
    world.rows["station", whose] = station
    world.rows["technician", whose] = technician
    world.rows["visit", whose] = visit
    owner, team = (whose if whose in world.people else ""), ("" if whose == "other" else "east")
    for object_name, name, field_class, text, row in (
        ("technician", "certificate", FieldClass.PUBLIC, words["number"], technician),
        ("technician", "training", FieldClass.PUBLIC, words["subject"], technician),
        ("technician", "absence", FieldClass.CONTACT, words["absence"], technician),
        ("technician", "carries", FieldClass.PUBLIC, kit.code, technician),
        ("station", "kit", FieldClass.PUBLIC, kit.code, station),
        ("visit", "event", FieldClass.PUBLIC, words["event"], visit),
        ("visit", "sample", FieldClass.TECHNICAL, words["sample"], visit),
        ("visit", "result", FieldClass.TECHNICAL, words["result"], visit),
        ("case", "photo", FieldClass.TECHNICAL, words["photo"], world.rows["case", whose]),
    ):
        world.planted.append(Planted(object_name, name, field_class, text, row.pk, owner, team))


def lay_down_circle() -> None:
    """All planted customers are of the tier that stations are to reach; where they are, nobody knows."""
    change_setting(DISPATCH, {"coverage": {"tiers": ["a"]}}, now=planting.NOON)


def dispatch_doors(world: World) -> list[Door]:
    return [
        Door("page visit", "page", "visit", page("visit"),
             promises=frozenset({"purpose", "case", "customer", "site", "kit", "leaves_at", "starts_at", "ends_at",
                                 "findings", "readings", "signed_by", "event", "sample", "result"})),
        Door("week of visit", "page", "visit", week_of),
        Door("steps of visit", "page", "visit", steps, action="edit"),
        Door("plan anew", "page", "visit", page("visit_replan"), action="create"),
        Door("cancel visit", "page", "visit", page("visit_cancel"), action="create"),
        Door("plan visit of case", "page", "case", page("visit_plan")),
        Door("panels case, with visits", "panel", "case", panels("case")),
        Door("panels case, with visits, bare", "panel", "case", panels_bare("case")),
        Door("neighbours of visit", "search", "visit", neighbours(lists["visits"])),
        Door("guess by order of visits", "search", "visit", ordered(world, lists["visits"]), many=True),
        Door("page technician", "page", "technician", page("technician"),
             promises=frozenset({"station", "certificate", "training", "absence", "carries"})),
        Door("list technicians", "list", "technician", page("technicians"), many=True, promises=frozenset({"station"})),
        Door("board", "page", "technician", week_of, many=True, promises=frozenset({"station"})),
        Door("form technician", "page", "technician", page("technician_save"), action="edit"),
        Door("form technician new", "page", "technician", page("technician_new"), action="edit", many=True),
        Door("add to technician", "page", "technician", adds, action="edit"),
        Door("list stations", "list", "station", page("stations"), many=True,
             promises=frozenset({"name", "city", "address", "kit"})),
        Door("coverage", "page", "station", page("coverage"), many=True, promises=frozenset({"name"})),
        Door("form station", "page", "station", page("station_save"), action="edit"),
        Door("form station new", "page", "station", page("station_new"), action="edit", many=True),
        Door("form kit new", "page", "station", page("kit_new"), action="edit"),
        Door("form kit", "page", "station", kits, action="edit"),
    ]  # fmt: skip


def week_of(user: User, row: Any) -> str:
    """The board in the week of the visit, or in this one; its head names days of the calendar, which are nobody's values."""
    week = "" if row is None else local_date(row.leaves_at).isoformat()
    text = read(client_of(user).get(f"{reverse('dispatch_board')}?week={week}"))
    return re.sub(r"\d{4}-\d{2}-\d{2}", "", text)


def steps(user: User, row: Any) -> str:
    """A step that is refused shows the page again."""
    answer = client_of(user).post(reverse("visit_step", args=[row.pk, "sample"]), {"number": ""})
    return answer.content.decode() if answer.status_code == 422 else read(answer)


def adds(user: User, row: Any) -> str:
    return "\n".join(
        read(client_of(user).get(reverse("technician_add", args=[row.pk, what]))) for what in ADDS
    )


def kits(user: User, row: Any) -> str:
    return "\n".join(
        read(client_of(user).get(reverse("kit_save", args=[kit.pk])))
        for kit in Kit.objects.filter(station=row)
    )


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
A_BUTTON = "decides whether a button is drawn; the change asks again"
SEEN_TWICE = "whether the case is seen is asked by the page and again for its files"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("service/dispatch/coverage.py", "_count", "visible_to"): "of sites only where they are is asked",
    (
        "service/dispatch/board.py",
        "week_board",
        "visible_to",
    ): "shows a customer's name, which its own record shows",
    (
        "service/dispatch/forms.py",
        "KitForm.__init__",
        "visible_to",
    ): "those of a station that one may edit; saving asks again",
    (
        "service/dispatch/forms.py",
        "TechnicianForm.__init__",
        "visible_to",
    ): "offers who is no technician yet, and all planted are; its room's tests ask",
    ("service/dispatch/queries.py", "address_of", "visible_to"): "who sees sites less far reads no addresses",
    ("service/dispatch/queries.py", "photos_of", "visible_to"): SEEN_TWICE,
    ("service/dispatch/queries.py", "sees_case", "visible_to"): SEEN_TWICE,
    (
        "service/dispatch/queries.py",
        "sites_of_case",
        "visible_to",
    ): "sites of the customer of a case that is seen",
    (
        "service/dispatch/queries.py",
        "stations_of",
        "visible_to",
    ): "a technician's name is that of staff, who are seen further",
    ("service/dispatch/step.py", "live_visit", "visible_to"): "the page asks before the change does",
    ("service/dispatch/queries.py", "may_on_visit", "scope"): A_BUTTON,
    ("service/dispatch/queries.py", "may_on_visit", "visible_to"): A_BUTTON,
    (
        "service/dispatch/coverage.py",
        "coverage_of",
        "scope",
    ): "says of customers that are seen that they are of the circle's tiers, and names no tier; its room's tests ask",
    ("service/dispatch/queries.py", "my_open_visits", "visible_to"): "what one is to make is one's own",
    ("service/dispatch/views/managing.py", "technician_page", "visible_to"): A_BUTTON,
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("service/dispatch/planning.py", "_lock", "visible_to"): A_WRITE,
    ("service/dispatch/planning.py", "plan_visit", "visible_to"): A_WRITE,
}
