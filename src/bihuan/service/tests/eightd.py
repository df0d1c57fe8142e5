"""An 8D by hand, for tests: three complaints, a quality engineer, and the steps on the way to D8."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bihuan.service import services
from bihuan.service.models import Case, Investigation

from .desk import Company, at, opened

DUST = "演示：包装袋内发现黑色粉尘颗粒，影响下游滤布"


def complaint(company: Company, now: datetime, **more: Any) -> Case:
    given: dict[str, Any] = {"kind": "complaint", "text": DUST, "severity": 2} | more
    return opened(company, now=now, **given)


def investigation(
    company: Company, cases: list[Case], now: datetime | None = None, **more: Any
) -> Investigation:
    given: dict[str, Any] = {
        "title": "演示：黑色粉尘",
        "actor": company.actor("quality"),
        "cases": cases,
    } | more
    return services.open_investigation(now=now or at("03-10 09:00"), **given)


class Work:
    """The steps of one investigation, as its leader takes them."""

    def __init__(self, company: Company, row: Investigation, by: str = "quality") -> None:
        self.company, self.row, self.actor = company, row, company.actor(by)

    def again(self) -> Investigation:
        return Investigation.objects.get(pk=self.row.pk)

    def done(self, step: str, now: datetime) -> Investigation:
        return services.finish_step(actor=self.actor, investigation=self.row, step=step, now=now)

    def write(self, step: str, text: str, now: datetime) -> None:
        services.write_step(actor=self.actor, investigation=self.row, step=step, text=text, now=now)

    def found(self, part: str, text: str, now: datetime, **more: str) -> Any:
        return services.add_finding(
            actor=self.actor, investigation=self.row, part=part, text=text, now=now, **more
        )

    def plan(self, kind: str, text: str, due_on: date, now: datetime, owner: str = "agent") -> Any:
        return services.plan_action(
            actor=self.actor, investigation=self.row, kind=kind, text=text,
            owner=self.company.people[owner], due_on=due_on, now=now,
        )  # fmt: skip

    def carry_out(self, action: Any, done_on: date, now: datetime) -> Any:
        return services.carry_out(
            actor=self.actor, investigation=self.row, action=action.pk, done_on=done_on, now=now
        )

    def check(self, action: Any, checked_on: date, now: datetime, *, is_effective: bool = True) -> Any:
        return services.check_effect(
            actor=self.actor, investigation=self.row, action=action.pk, is_effective=is_effective,
            effect="演示：连续 5 批无粉尘", checked_on=checked_on, now=now,
        )  # fmt: skip

    def observe(self, observed_on: date, now: datetime, *, is_good: bool = True) -> Any:
        return services.add_verification(
            actor=self.actor, investigation=self.row, observed_on=observed_on,
            text="演示：30 批出厂检验，粉尘 0 件", is_good=is_good, now=now,
        )  # fmt: skip

    def as_far_as_causes(self) -> None:
        """D1 to D4, with all that they need."""
        people = self.company.people
        now = at("03-10 10:00")
        services.set_team(
            actor=self.actor,
            investigation=self.row,
            owner=people["quality"],
            members=[people["agent"]],
            now=now,
        )
        self.done("d1", now)
        self.found("is", "3 月 2 日以后的袋装品有黑色颗粒", now)
        self.found("is_not", "吨袋没有", now)
        self.done("d2", now)
        self.write("d3", "在库袋装品全部隔离，发货前逐批过筛", now)
        self.done("d3", at("03-11 09:00"))
        later = at("03-16 09:00")
        self.found("fishbone", "输送带老化掉屑", later, factor="machine")
        for chain, root in (("why_occurred", "root_occurred"), ("why_escaped", "root_escaped")):
            self.found(chain, "为什么有颗粒？", later)
            self.found(chain, "为什么没有更换？", later)
            self.found(
                root, "演示：保养计划没有输送带", later, factor="method", evidence="演示：保养记录 2026-02"
            )
        self.done("d4", later)

    def as_far_as_prevention(self) -> None:
        """D1 to D7; the last action was done on 30 March."""
        self.as_far_as_causes()
        now = at("03-17 09:00")
        action = self.plan("corrective", "更换输送带", date(2026, 3, 28), now)
        self.done("d5", now)
        self.carry_out(action, date(2026, 3, 28), at("03-28 17:00"))
        self.done("d6", at("03-28 17:00"))
        prevent = self.plan(
            "preventive", "其他产线的保养计划加入输送带", date(2026, 3, 31), at("03-29 09:00")
        )
        self.carry_out(prevent, date(2026, 3, 30), at("03-30 17:00"))
        self.done("d7", at("03-30 18:00"))
        for one in (action, prevent):
            self.check(one, date(2026, 4, 10), at("04-10 09:00"))
