"""What a suggestion says: when somebody would be there, from where, with what, and why others are not suggested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.pages.values import write_moment

from ..wording import say_length
from . import queries
from .document import Dispatching
from .journeys import HOME, STATION, VISIT
from .rules import Candidate, Job, Offer
from .wording import say_lack

ROUND = timedelta(minutes=5)
FROM = {
    HOME: gettext_lazy("%(way)s on the road"),
    VISIT: gettext_lazy("%(way)s on the road, from the visit before"),
    STATION: gettext_lazy("%(way)s on the road, from the visit before by way of the station, for the kit"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One technician in the dialog. `pick` is what the button sends; `late`: would arrive after the deadline."""

    name: str
    station: str
    pick: str
    starts_at: datetime | None
    reasons: Sequence[str]
    lacks: Sequence[str] = ()
    may_override: bool = False
    late: bool = False


def rounded_up(moment: datetime) -> datetime:
    """To the next five minutes."""
    past = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment + ROUND - past


def shown_offers(
    offers: Sequence[Offer], job: Job, document: Dispatching, people: Sequence[Candidate]
) -> list[Shown]:
    """The offers in words, in their order. Two queries."""
    names = queries.names_of(one.key for one in offers)
    kits = queries.kit_codes(one.kit.key for one in offers if one.kit is not None)
    known = {one.key: one for one in people}
    return [
        Shown(
            name=names[one.key][0],
            station=names[one.key][1],
            pick="" if one.slot is None else f"{one.key}~{one.slot.leaves_at.isoformat()}",
            starts_at=None if one.slot is None else one.slot.starts_at,
            reasons=_reasons(one, job, document, kits, known[one.key]),
            lacks=[say_lack(each, document) for each in one.lacks],
            may_override=one.may_override,
            late=one.in_time is False,
        )
        for one in offers
    ]


def _reasons(
    one: Offer, job: Job, document: Dispatching, kits: dict[int, tuple[str, str]], who: Candidate
) -> list[str]:
    found: list[str] = []
    if one.slot is not None:
        way = say_length(one.slot.way)
        if not one.distance_known:
            found.append(_("the place is not known; the way is reckoned at %(way)s") % {"way": way})
        else:
            found.append(FROM[one.slot.origin] % {"way": way})
        found.append(_("leaves %(moment)s") % {"moment": write_moment(one.slot.leaves_at)})
        if job.deadline is not None:
            left = say_length(job.deadline - one.slot.starts_at)
            found.append(
                (
                    _("%(length)s after the deadline")
                    if one.in_time is False
                    else _("%(length)s before the deadline")
                )
                % {"length": left}
            )
    if one.kit is not None:
        code, kind = kits[one.kit.key]
        text = _("carries %(kit)s (%(code)s)") if one.kit.is_carried else _("takes %(kit)s (%(code)s)")
        found.append(text % {"kit": document.kit(kind), "code": code})
    if job.need.certificates and not any(each.kind == "certificate" for each in one.lacks):
        labels = _(", ").join(document.certificate(each) for each in sorted(job.need.certificates))
        found.append(_("certified: %(what)s") % {"what": labels})
    if job.need.training_hours and one.slot is not None:
        hours = who.trained_hours(one.slot.starts_at.date(), job.need.training_days)
        found.append(_("%(hours)s h of training") % {"hours": f"{hours:g}"})
    found.append(
        _("planned so far: %(length)s") % {"length": say_length(one.workload)}
        if one.workload
        else _("nothing planned so far")
    )
    return found


def needs_said(job: Job, document: Dispatching) -> list[str]:
    """What the job needs, in words."""
    need = job.need
    found = [
        _("certificate: %(what)s") % {"what": document.certificate(one)} for one in sorted(need.certificates)
    ]
    found += [_("skill: %(what)s") % {"what": document.skill(one)} for one in sorted(need.skills)]
    if need.kits:
        found.append(
            _("kit: %(what)s") % {"what": " / ".join(document.kit(one) for one in sorted(need.kits))}
        )
    if need.training_hours:
        found.append(_("%(hours)s h of training in a year") % {"hours": f"{need.training_hours:g}"})
    found.append(_("takes %(length)s") % {"length": say_length(need.length)})
    return found
