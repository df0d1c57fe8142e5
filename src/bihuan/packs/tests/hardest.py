"""One company per industry and the whole way of its hardest case, through the services that people use. All names are made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bihuan.catalog.models import Product
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.outbox import deliver_due
from bihuan.kernel.time import local_date
from bihuan.packs.pack import read_pack
from bihuan.segmentation.models import Standing
from bihuan.service import services
from bihuan.service.dispatch import managing, planning, reporting
from bihuan.service.dispatch.store import put_dispatching_in_force
from bihuan.service.errors import CaseError
from bihuan.service.matrix_store import put_matrix_in_force
from bihuan.service.models import (
    Case,
    CaseClock,
    Investigation,
    InvestigationClock,
    Station,
    Technician,
    Visit,
)
from bihuan.service.objection import intake
from bihuan.service.objection.facts import matrix_now
from bihuan.service.tests.desk import NINE, Company, at, build_company
from bihuan.service.tests.fleet import site_of, station, suggested, technician
from bihuan.service.tests.matrices import shown
from bihuan.service.tests.objecting import PDF, Objecting, paper
from bihuan.service.tests.test_dispatch import picture

D = Decimal


def company_of(pack: str, tier: str, *, industry: str = "", city: str = "苏州市") -> Company:
    """A company that promises what its industry's pack says, with a customer of that tier."""
    company, document = build_company(), read_pack(pack)
    put_matrix_in_force(actor=SYSTEM, document=document.service, from_start=True, now=NINE)
    put_dispatching_in_force(actor=SYSTEM, document=document.dispatch, now=NINE)
    Standing.objects.filter(customer=company.customer).update(tier=tier)
    company.customer.industry, company.customer.city = industry, city
    company.customer.save()
    return company


def product_of(name: str, family: str, unit: str = "t") -> Product:
    return Product.objects.create(
        code=f"演示{name}", name=f"演示{name}", family=family, unit=unit, created_at=NINE, updated_at=NINE
    )


def refused(words: str) -> Any:
    """What follows is refused with these words."""
    return pytest.raises(CaseError, match=words)


def due(case: Case) -> dict[str, str]:
    """The clocks that run, by when."""
    return {one.kind: shown(one.due_at) for one in CaseClock.objects.filter(case=case, stopped_at=None)}


def stopped(case: Case) -> dict[str, tuple[str, bool]]:
    """The clocks that have stopped: when, and whether in time."""
    rows = CaseClock.objects.filter(case=case, stopped_at__isnull=False)
    return {one.kind: (shown(one.stopped_at), not one.is_breached) for one in rows}


def steps_due(row: Investigation) -> dict[str, str]:
    rows = InvestigationClock.objects.filter(investigation=row, stopped_at=None)
    return {one.kind: shown(one.due_at) for one in rows}


class Course(Objecting):
    """A case from its report on; `by` takes the steps that nobody else is named for."""

    def __init__(self, company: Company, moment: str, *, by: str = "agent", **case: Any) -> None:
        self.company, self.by = company, by
        given: dict[str, Any] = {"customer": company.customer, "contact": company.contact} | case
        self.case = services.open_case(actor=company.actor(by), now=at(moment), **given)
        self.heard(moment)

    @classmethod
    def of(cls, company: Company, case: Case, by: str = "agent") -> Course:
        """The course of a case that came by itself."""
        made = cls.__new__(cls)
        made.company, made.by, made.case = company, by, case
        return made

    def heard(self, moment: str) -> None:
        """Whoever hears of what happened, has heard."""
        deliver_due(at(moment))

    def do(self, service: Any, moment: str, by: str = "", **given: Any) -> Any:
        """A step on the case."""
        return service(actor=self.actor(by), case=self.case_again(), now=at(moment), **given)

    def kept(self, kind: str, moment: str, by: str = "") -> None:
        self.do(services.keep_promise, moment, by, kind=kind)

    # Visits ----------------------------------------------------------------------------------------------------------

    def sends(self, moment: str, **more: Any) -> Visit:
        """Whoever is suggested first, at the time that is suggested."""
        site = more.pop("site", None)
        best = suggested(self.case_again(), at(moment), site).fit[0]
        assert best.slot is not None
        return planning.plan_visit(
            actor=self.actor("dispatcher"), case=self.case_again(), now=at(moment), technician=best.key,
            leaves_at=best.slot.leaves_at, site=site, **more,
        )  # fmt: skip

    def visits(
        self, visit: Visit, by: str, *, out: str, there: str, found: str, done: str, sample: tuple[str, str] | None = None
    ) -> None:  # fmt: skip
        """Set out, check in, perhaps a sample with its result, report, signature, end."""
        given: dict[str, Any] = {"actor": self.actor(by), "visit": visit}
        reporting.set_out(**given, now=at(out))
        reporting.check_in(**given, now=at(there))
        if sample is not None:
            taken = reporting.take_sample(**given, number="演示YS-1", now=at(sample[0]))
            reporting.give_result(**given, sample=taken.pk, result="演示：98.1 %", now=at(sample[1]))
        reporting.write_report(**given, findings=found, readings="", now=at(done))
        reporting.sign(**given, signed_by="演示·王工", picture=picture(), now=at(done))
        reporting.finish(**given, now=at(done))

    # The objection ---------------------------------------------------------------------------------------------------

    def objects(self, moment: str, **fields: Any) -> None:
        given: dict[str, Any] = {
            "contract": "演示HT-1",
            "lot": "演示L-1",
            "location": "演示用户库",
            "unit": "t",
        } | fields
        self.row = intake.open_objection(actor=self.actor(), case=self.case_again(), now=at(moment), **given)

    def papers(self, now: datetime = NINE) -> None:
        for one in matrix_now().objections.papers:
            content = PDF + one.id.encode()
            intake.add_paper(
                actor=self.actor(), objection=self.row, paper=one.id, files=[paper(f"{one.id}.pdf", content)], now=now
            )  # fmt: skip

    def stage(self, stage: str, moment: str, by: str = "", **given: Any) -> None:
        assert self.take(stage, at(moment), by, **given).stage == stage

    # The investigation -----------------------------------------------------------------------------------------------

    def investigates(self, moment: str, others: Sequence[Case] = ()) -> Investigation:
        self.actor_of_8d = self.actor("quality")
        self.eight = services.open_investigation(
            actor=self.actor_of_8d,
            title="演示：根本原因",
            cases=[self.case_again(), *others],
            now=at(moment),
            severity=self.case_again().severity,
        )
        return self.eight

    def eight_d(self, moments: Mapping[str, str], cause: str) -> None:
        """The steps D1 to D7 at these moments, each with what it needs; D6 and D7 on the days that their actions are done."""
        given: dict[str, Any] = {"actor": self.actor_of_8d, "investigation": self.eight}
        people = self.company.people

        def found(part: str, text: str, step: str, **more: Any) -> None:
            services.add_finding(**given, part=part, text=text, now=at(moments[step]), **more)

        def acted(kind: str, planned: str, step: str) -> Any:
            day = local_date(at(moments[step]))
            action = services.plan_action(
                **given, kind=kind, text=f"演示：{cause}的对策", owner=people["agent"], due_on=day, now=at(moments[planned])
            )  # fmt: skip
            if kind == "corrective":
                services.finish_step(**given, step="d5", now=at(moments["d5"]))
            services.carry_out(**given, action=action.pk, done_on=day, now=at(moments[step]))
            return action

        services.set_team(**given, owner=people["quality"], members=[people["agent"]], now=at(moments["d1"]))
        services.finish_step(**given, step="d1", now=at(moments["d1"]))
        found("is", "演示：只有这一批", "d2")
        found("is_not", "演示：前后批次没有", "d2")
        services.finish_step(**given, step="d2", now=at(moments["d2"]))
        services.write_step(**given, step="d3", text="演示：同批全部隔离", now=at(moments["d3"]))
        services.finish_step(**given, step="d3", now=at(moments["d3"]))
        found("fishbone", cause, "d4", factor="machine")
        for chain, root in (("why_occurred", "root_occurred"), ("why_escaped", "root_escaped")):
            found(chain, "演示：为什么发生？", "d4")
            found(chain, "演示：为什么没有发现？", "d4")
            found(root, cause, "d4", factor="method", evidence="演示：记录")
        services.finish_step(**given, step="d4", now=at(moments["d4"]))
        self.actions = [acted("corrective", "d5", "d6")]
        services.finish_step(**given, step="d6", now=at(moments["d6"]))
        self.actions.append(acted("preventive", "d7", "d7"))
        services.finish_step(**given, step="d7", now=at(moments["d7"]))

    def proves(self, moment: str) -> None:
        """Later data show that both actions work."""
        given: dict[str, Any] = {"actor": self.actor_of_8d, "investigation": self.eight, "now": at(moment)}
        day: date = local_date(at(moment))
        for one in self.actions:
            services.check_effect(
                **given, action=one.pk, is_effective=True, effect="演示：未再发生", checked_on=day
            )
        services.add_verification(**given, observed_on=day, text="演示：后续 30 批合格", is_good=True)
        services.finish_step(**given, step="d8")


def sent_out(company: Company, name: str, *, kit: str, **more: Any) -> Technician:
    """Somebody who may be sent, at the station in Shanghai, with a kit of their own."""
    home = Station.objects.first() or station(kits=0)
    given: dict[str, Any] = {"skills": [], "certificates": [], "hours": 0} | more
    row = technician(company, name, home, **given)
    managing.save_kit(actor=SYSTEM, code=f"演示箱-{name}", kind=kit, carrier=row, station=home, now=NINE)
    return row


__all__ = [
    "Course",
    "D",
    "company_of",
    "due",
    "product_of",
    "refused",
    "sent_out",
    "site_of",
    "steps_due",
    "stopped",
]
