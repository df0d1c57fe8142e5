"""Investigations in 8D of the planted repeats, by the services themselves: the older, the further."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bihuan.kernel.time import local_date
from bihuan.people.actors import actor_for
from bihuan.people.models import User
from bihuan.service import services
from bihuan.service.models import Case, Investigation

MARK = "（演示）"


def make_investigations(
    groups: Mapping[int, list[Case]], defects: Mapping[int, Mapping[str, Any]], *, now: datetime
) -> None:
    """One for each repeat but the last, which waits to be found."""
    lead = User.objects.filter(roles__role="quality", is_active=True).order_by("pk").first()
    helper = User.objects.filter(roles__role="technical", is_active=True).order_by("pk").first()
    if lead is None or helper is None:
        return
    for group in sorted(groups)[:-1]:
        _investigate(lead, helper, groups[group], defects[group], now)


def _investigate(
    lead: User, helper: User, cases: list[Case], defect: Mapping[str, Any], now: datetime
) -> None:
    actor = actor_for(lead)
    begins = max(one.opened_at for one in cases) + timedelta(hours=5)
    row = services.open_investigation(
        actor=actor, title=f"演示：{defect['title']}重复发生", severity=2, owner=lead, members=[helper], cases=cases,
        defect=defect["title"], reason="同类投诉重复发生" + MARK, now=begins,
    )  # fmt: skip
    what: dict[str, Any] = {"actor": actor, "investigation": row}

    def at(days: float) -> datetime:
        return begins + timedelta(days=days)

    def done(step: str, days: float, text: str) -> bool:
        if at(days) > now:
            return False
        services.write_step(**what, step=step, text=text + MARK, now=at(days))
        services.finish_step(**what, step=step, now=at(days))
        return True

    if not (done("d0", 0.2, "已安排应急处理") and done("d1", 0.8, "质量、技术两人小组")):
        return
    services.add_finding(**what, part="is", text=f"{defect['title']}，批号集中{MARK}", now=at(1.2))
    services.add_finding(**what, part="is_not", text="其他批次未见" + MARK, now=at(1.2))
    if not done("d2", 1.5, defect["text"]):
        return
    correction = services.plan_action(
        **what,
        kind="correction",
        text="隔离库存同批并逐批复检" + MARK,
        owner=helper,
        due_on=local_date(at(3)),
        now=at(1.6),
    )
    services.carry_out(**what, action=correction.pk, done_on=local_date(at(2.4)), now=at(2.4))
    if not done("d3", 2.5, "同批库存已隔离") or at(15) > now:
        return
    _causes(what, defect, at(15))
    if not done("d4", 16, defect["cause"]):
        return
    plans = [
        services.plan_action(
            **what, kind=kind, text=text + MARK, owner=helper, due_on=local_date(at(days)), now=at(18)
        )
        for kind, text, days in (
            ("corrective", "修订作业指导并培训上岗", 55),
            ("preventive", "同类岗位一并点检", 95),
        )
        if at(18) <= now
    ]
    if not plans or not done("d5", 20, "措施经评审选定") or at(60) > now:
        return
    services.carry_out(**what, action=plans[0].pk, done_on=local_date(at(60)), now=at(60))
    if not done("d6", 61, "措施已实施") or at(100) > now:
        return
    services.carry_out(**what, action=plans[1].pk, done_on=local_date(at(95)), now=at(100))
    if not done("d7", 100, "作业文件与点检表已更新") or at(140) > now:
        return
    _close(what, row, at(140))


def _causes(what: dict[str, Any], defect: Mapping[str, Any], now: datetime) -> None:
    for part in ("why_occurred", "why_escaped"):
        services.add_finding(
            **what,
            part=part,
            text=("因为" + defect["cause"] if part == "why_occurred" else "因为出厂检验未覆盖该项") + MARK,
            now=now,
        )
    services.add_finding(
        **what,
        part="root_occurred",
        factor=defect["factor"],
        text=defect["cause"] + MARK,
        evidence="现场复现记录" + MARK,
        now=now,
    )
    services.add_finding(
        **what,
        part="root_escaped",
        factor="measurement",
        text="出厂抽检频次不足" + MARK,
        evidence="抽检记录" + MARK,
        now=now,
    )


def _close(what: dict[str, Any], row: Investigation, now: datetime) -> None:
    day = local_date(now)
    for action in row.actions.filter(done_on__isnull=False):
        services.check_effect(
            **what, action=action.pk, is_effective=True, effect="三十天未再发" + MARK, checked_on=day, now=now
        )
    services.add_verification(**what, observed_on=day, text="连续三批复检合格" + MARK, is_good=True, now=now)
    services.write_step(**what, step="d8", text="效果确认" + MARK, now=now)
    services.finish_step(**what, step="d8", now=now)
