"""Quality objections of the made company, one at each stage that a new user should see, by the services themselves.

There are a dozen, however large the company is. Each is about goods that its customer really took in the made orders.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from bihuan.kernel.actor import Actor
from bihuan.kernel.time import company_zone, local_date
from bihuan.people.actors import actor_for
from bihuan.people.models import User
from bihuan.sales.models import OrderLine
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.keeping import keep_clocks
from bihuan.service.models import Case, Objection
from bihuan.service.objection import agreements, intake, offers, sampling, stages
from bihuan.service.objection.facts import matrix_now
from bihuan.service.promised import promised_now

MARK = "（演示）"
# How far each goes, and how many days ago it was raised; the newest are the least far.
COURSES = (
    ("submitted", 1),
    ("admitted", 2),
    ("assessed", 4),
    ("checked", 6),
    ("disputed", 9),
    ("refused", 12),
    ("proposal", 16),
    ("signed", 24),
    ("withdrawn", 31),
    ("settled", 45),
    ("closed", 120),
    ("closed", 260),
)
LATELY = timedelta(days=120)
MOST_ASKED = 200
MOST, LEAST = Decimal(20_000), Decimal(200)
Step = tuple[float, Any]


@dataclass(frozen=True)
class Hands:
    """Who does what: the desk handles it, quality samples and tests, a director approves and settles."""

    desk: Actor
    quality: Actor
    director: Actor

    @classmethod
    def present(cls) -> Hands | None:
        found = [
            User.objects.filter(roles__role=role, is_active=True).order_by("pk").first()
            for role in ("service_agent", "quality", "director")
        ]
        people = [actor_for(one) for one in found if one is not None]
        return cls(*people) if len(people) == len(found) else None


def make_objections(
    rng: np.random.Generator, customers: Sequence[int], weights: np.ndarray, defects: Sequence[Mapping[str, Any]], *, now: datetime
) -> int:  # fmt: skip
    """Write them; returns how many. Fewer where customers or posts lack."""
    hands = Hands.present()
    made: list[int] = []
    if hands is None:
        return 0
    asked = iter(rng.choice(customers, min(MOST_ASKED, len(customers)), replace=False, p=weights))
    for goal, days in COURSES:
        morning = (
            (now - timedelta(days=days))
            .astimezone(company_zone())
            .replace(hour=9, minute=30, second=0, microsecond=0)
        )
        if morning > now:
            continue
        # Whoever took nothing of late has nothing to object to: the next one is asked.
        lines = (_goods(int(customer), local_date(morning)) for customer in asked)
        line = next((one for one in lines if one is not None), None)
        if line is None:
            break
        defect = defects[int(rng.integers(0, len(defects)))]
        made.append(_Course(hands, line, defect, morning.astimezone(now.tzinfo), now, rng).run(goal))
    # Each was left at its last step; what has run out since then, has.
    keep_clocks(list(Case.objects.filter(pk__in=made).order_by("pk")), promised_now(), now)
    return len(made)


def _goods(customer: int, before: date) -> OrderLine | None:
    """What the customer took last, not long before that day."""
    rows = OrderLine.objects.filter(
        customer=customer, kind=OrderLine.Kind.SALE, quantity__gt=0, amount__gt=0,
        ordered_on__lt=before, ordered_on__gte=before - LATELY,
    )  # fmt: skip
    return rows.select_related("order", "product", "customer").order_by("-ordered_on", "-id").first()


class _Course:
    """One objection from its report to its goal, or as far as the time reaches."""

    def __init__(
        self, hands: Hands, line: OrderLine, defect: Mapping[str, Any], begins: datetime, now: datetime, rng: np.random.Generator
    ) -> None:  # fmt: skip
        self.hands, self.line, self.defect, self.begins, self.now = hands, line, defect, begins, now
        share = Decimal(str(round(float(rng.uniform(0.03, 0.15)), 3)))
        self.claimed = max((line.quantity * share).quantize(Decimal("0.01")), Decimal("0.01"))
        self.amount = min(MOST, max(LEAST, (line.amount * share / 2).quantize(Decimal("1"))))

    def run(self, goal: str) -> int:
        """As far as it goes; returns its case."""
        customer = self.line.customer
        assert customer is not None  # it was asked for by customer
        self.case = services.open_case(
            actor=self.hands.desk, customer=customer, kind=Case.Kind.QUALITY_OBJECTION, severity=2, now=self.begins,
            title=f"演示：{self.defect['title']}", text=self.defect["text"] + MARK,
        )  # fmt: skip
        for hours, step in self._steps(goal):
            moment = self.begins + timedelta(hours=hours)
            if moment > self.now:
                break
            try:
                step(moment)
            except CaseError:
                # No fonts for the paper, perhaps: it stays where it is, as it would for a person.
                break
        return self.case.pk

    def _steps(self, goal: str) -> Iterator[Step]:
        """Hours after the report and what is done then, up to the goal."""
        yield 0.2, self._answer
        yield 0.5, self._open
        yield 0.7, lambda at: self._take("submitted", at)
        if goal == "submitted":
            return
        if goal == "refused":
            yield 5, self._refuse
            yield 29, self._solve
            return
        yield 4, self._papers
        yield 5, lambda at: self._take("admitted", at)
        if goal == "admitted":
            return
        yield 6, lambda at: self._take("acknowledged", at, text="已受理，请保留样品与标识" + MARK)
        yield 7, lambda at: self._take("assessed", at, severity=2)
        if goal == "assessed":
            return
        if goal == "withdrawn":
            yield 30, self._withdraw
            yield 31, self._solve
            yield 60, self._call_back
            yield 61, self._close_case
            return
        yield 26, lambda at: stages.go_on_site(actor=self.hands.desk, objection=self.row, now=at)
        yield 27, self._sample
        yield 28, lambda at: self._take("checked", at)
        if goal == "checked":
            return
        yield 72, self._result
        if goal == "disputed":
            yield 194, self._dispute
            return
        yield 96, lambda at: self._take("liability", at, shares={"ours": Decimal(80), "carrier": Decimal(20)})
        yield 120, self._offer
        yield 121, lambda at: self._take("proposal", at)
        if goal == "proposal":
            return
        yield 144, self._approve
        yield 145, self._agreement
        yield 216, self._copy
        yield 217, lambda at: self._take("signed", at)
        if goal == "signed":
            return
        yield 240, lambda at: self._take("settled", at, self.hands.director)
        yield 241, self._solve
        yield 290, self._call_back
        if goal == "settled":
            return
        yield 700, lambda at: self._take("corrected", at, correction=self.defect["cause"] + "：已整改" + MARK)
        yield 1600, lambda at: self._take("effective", at, effect_text="后续批次未再发生" + MARK)
        yield 1601, lambda at: self._take("closed", at)
        yield 1602, self._close_case

    # Steps -----------------------------------------------------------------------------------------------------------

    def _take(self, stage: str, at: datetime, by: Actor | None = None, **given: Any) -> None:
        stages.finish_stage(actor=by or self.hands.desk, objection=self.row, stage=stage, now=at, **given)

    def _on_case(self, service: Any, at: datetime, **given: Any) -> None:
        service(actor=self.hands.desk, case=self.case, now=at, **given)

    def _answer(self, at: datetime) -> None:
        self._on_case(services.respond, at, text="已收到，请先停用并保留样品" + MARK)

    def _open(self, at: datetime) -> None:
        line = self.line
        self.lot = f"YS{line.ordered_on:%y%m}-{line.pk % 40 + 1:02d}"
        self.row: Objection = intake.open_objection(
            actor=self.hands.desk, case=self.case, now=at, received_on=local_date(at) - timedelta(days=1),
            contract=line.order.number, product=line.product, lot=self.lot, specification="按合同" + MARK, about="quality",
            defect=f"演示：{self.defect['title']}", unit=line.product.unit, quantity_delivered=line.quantity,
            quantity_claimed=self.claimed, location="客户仓库" + MARK, remedy_wanted="折让" + MARK,
            amount_claimed=self.amount * 2, resale_chain="直销，无转售" + MARK, is_use_stopped=True, are_tags_kept=True,
        )  # fmt: skip

    def _papers(self, at: datetime) -> None:
        for one in matrix_now().objections.papers:
            upload = SimpleUploadedFile(
                f"演示-{one.label['zh-Hans']}.png", _picture(), content_type="image/png"
            )
            intake.add_paper(actor=self.hands.desk, objection=self.row, paper=one.id, files=[upload], now=at)

    def _refuse(self, at: datetime) -> None:
        stages.refuse_objection(
            actor=self.hands.desk, objection=self.row, reason="meets_contract",
            text="复核留样符合合同约定，附检验记录" + MARK, now=at,
        )  # fmt: skip

    def _withdraw(self, at: datetime) -> None:
        stages.withdraw_objection(
            actor=self.hands.desk, objection=self.row, text="客户来电：复检合格，撤回" + MARK, now=at
        )

    def _sample(self, at: datetime) -> None:
        self.sample = sampling.add_sample(
            actor=self.hands.quality, objection=self.row, number=f"{self.lot}-1", place="客户仓库" + MARK,
            taken_on=local_date(at), ours_present="演示·质量工程师", theirs_present="演示·客户代表",
            retained_number=f"{self.lot}-1R", is_sealed=True, countersigned_by_us="演示·质量工程师",
            countersigned_by_them="演示·客户代表", laboratory="公司检测中心" + MARK, now=at,
        )  # fmt: skip

    def _result(self, at: datetime) -> None:
        sampling.enter_result(
            actor=self.hands.quality, objection=self.row, sample=self.sample.pk, result=self.defect["title"] + "属实" + MARK,
            is_conforming=False, result_on=local_date(at), now=at,
        )  # fmt: skip

    def _dispute(self, at: datetime) -> None:
        sampling.dispute_result(
            actor=self.hands.quality, objection=self.row, sample=self.sample.pk,
            text="客户不认可取样位置，要求复检留样" + MARK, now=at,
        )  # fmt: skip

    def _offer(self, at: datetime) -> None:
        offers.draft_offer(
            actor=self.hands.desk, objection=self.row, quantity_accepted=self.claimed,
            remedies={"price_reduction": offers.Part(self.amount)}, now=at,
        )  # fmt: skip

    def _approve(self, at: datetime) -> None:
        offers.approve_offer(actor=self.hands.director, objection=self.row, version=1, now=at)

    def _agreement(self, at: datetime) -> None:
        agreements.make_agreement(actor=self.hands.desk, objection=self.row, now=at, seller="演示公司")

    def _copy(self, at: datetime) -> None:
        upload = SimpleUploadedFile("演示-签字件.png", _picture(), content_type="image/png")
        agreements.add_signed_copy(
            actor=self.hands.desk, objection=self.row, upload=upload, signed_on=local_date(at), now=at
        )

    def _solve(self, at: datetime) -> None:
        solution, cause = self.defect["solution"] + MARK, self.defect["cause"] + MARK
        self._on_case(services.solve_case, at, solution=solution, cause=cause)

    def _call_back(self, at: datetime) -> None:
        self._on_case(services.call_back, at, satisfaction=4)

    def _close_case(self, at: datetime) -> None:
        self._on_case(services.close_case, at)


def _picture() -> bytes:
    """A small picture that stands for a scan."""
    image = Image.new("RGB", (240, 160), (244, 244, 240))
    drawing = ImageDraw.Draw(image)
    for row in range(24, 140, 18):
        drawing.line([(24, row), (216 - row % 40, row)], fill=(150, 150, 150), width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
