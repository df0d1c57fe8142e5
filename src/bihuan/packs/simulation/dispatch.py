"""Stations, kits and technicians of the demo company: visibly made up, the same for everybody. What is there already stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date
from bihuan.people.actors import renew_stamp
from bihuan.people.models import Team, User, UserRole
from bihuan.service.dispatch.managing import (
    add_absence,
    add_certificate,
    add_training,
    save_kit,
    save_station,
    save_technician,
)
from bihuan.service.dispatch.store import dispatching_now
from bihuan.service.models import Station

from .model import staff_words

STATIONS = ("上海", "广州", "郑州", "成都")
PER_STATION = 2


@transaction.atomic
def make_dispatch(pack: str, *, now: datetime) -> int:
    """Four stations with a kit of each kind and two technicians each; how many technicians. The first of them is the demo's
    `technical`, who signs in. Each is ready to be sent, except one whose certificates ran out and one who is away."""
    if Station.objects.exists():
        return 0
    document, today = dispatching_now(), local_date(now)
    people = _people(now)
    for at, city in enumerate(STATIONS):
        station = save_station(actor=SYSTEM, name=f"演示·{city}服务站", city=city, calendar="7x12", now=now)
        for number, kind in enumerate(document.kits):
            save_kit(actor=SYSTEM, code=f"YS-{at + 1}{number + 1:02}", kind=kind, station=station, now=now)
        for number in range(PER_STATION):
            user = people[at * PER_STATION + number]
            technician = save_technician(
                actor=SYSTEM, user=user, station=station, skills=document.skills, now=now
            )
            lapsed = (at, number) == (2, 1)
            for kind in document.certificates:
                since = today - timedelta(days=700)
                until = today - timedelta(days=20) if lapsed else today + timedelta(days=900)
                add_certificate(
                    actor=SYSTEM,
                    technician=technician,
                    kind=kind,
                    valid_from=since,
                    valid_until=until,
                    now=now,
                )
            for month in range(10):
                add_training(
                    actor=SYSTEM, technician=technician, held_on=today - timedelta(days=20 + 30 * month),
                    hours=Decimal(22), subject="演示·季度培训", now=now,
                )  # fmt: skip
            if (at, number) == (1, 1):
                add_absence(
                    actor=SYSTEM, technician=technician, first_on=today, last_on=today + timedelta(days=3),
                    reason="演示·年假", now=now,
                )  # fmt: skip
    return len(people)


def _people(now: datetime) -> list[User]:
    """The demo's technical engineer and colleagues of the same team; those do not sign in."""
    team = Team.objects.filter(name=staff_words()["departments"]["technical"]).first()
    found = list(User.objects.filter(username="technical"))
    for number in range(len(STATIONS) * PER_STATION - len(found)):
        user, fresh = User.objects.get_or_create(
            username=f"technician{number + 1}",
            defaults={"name": f"演示·技师{'甲乙丙丁戊己庚辛'[number]}", "team": team, "joined_at": now},
        )
        if fresh:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            UserRole.objects.create(user=user, role="technical")
        found.append(user)
    renew_stamp(now)
    return found
