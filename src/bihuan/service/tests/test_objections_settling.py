"""Quality objections: a mill's case from report to closing, and what refuses an agreement, a settlement, a closing. All names are made up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from pypdf import PdfReader

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.files import read
from bihuan.sales.models import Order, OrderLine, Receivable
from bihuan.sales.queries import owed_by
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import (
    CaseClock,
    ObjectionAgreement,
    ObjectionEvent,
    ObjectionOffer,
    QualityCost,
)
from bihuan.service.objection import stages
from bihuan.service.objection.facts import stands

from .desk import NINE, Company, at
from .eightd import Work, investigation
from .objecting import D, Objecting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refused(code_words: str) -> Any:
    return pytest.raises(CaseError, match=code_words)


def text_of(digest: str) -> str:
    pages = PdfReader(io.BytesIO(read(digest))).pages
    return "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", "")


def clock(one: Objecting, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=one.case, kind=kind)


def test_a_strategic_users_coil_from_report_to_settlement(one: Objecting, mill: Company):
    assert one.row.number.startswith("YY-2603-")
    one.as_far_as_signature(price_reduction="36000", compensation="4000.5")

    # The three promises of the matrix stopped when their stages were taken, in time.
    for kind, stopped, target in (
        ("admission", "03-02 11:00", timedelta(hours=24)),
        ("on_site", "03-03 10:00", timedelta(hours=48)),
        ("proposal", "03-06 10:00", None),
    ):
        promise = clock(one, kind)
        assert promise.stopped_at == at(stopped)
        assert promise.stopped_at <= promise.due_at
        assert target is None or promise.due_at - promise.started_at == target

    agreement = ObjectionAgreement.objects.get(objection=one.row)
    text = text_of(agreement.sha256)
    for wanted in (
        "质量异议处理协议书", "演示钢铁有限公司", "演示宏远化工", "演示H2611-07", "8.0×1500×C", "1.2t", "折让", "赔偿",
        "36,000.00元", "40,000.50元", "人民币肆万元伍角整", "我方责任", "80%", "甲方（供方）", "签字盖章",
    ):  # fmt: skip
        assert wanted in text, wanted

    one.take("settled", at("03-10 09:00"), by="manager")
    row = one.again()
    assert row.stage == "settled"
    note = Order.objects.get()
    assert (note.kind, note.amount, note.currency) == ("credit_note", D(-36_000), "CNY")
    assert note.ordered_on == date(2026, 3, 10)
    line = OrderLine.objects.get(order=note)
    assert (line.kind, line.amount, line.cost) == (OrderLine.Kind.ADJUSTMENT, D(-36_000), D(0))
    cost = QualityCost.objects.get()
    assert (cost.category, cost.amount, cost.case_id) == ("external", D("40000.5"), one.case.pk)

    one.take("corrected", at("03-12 09:00"), correction="演示：轧辊更换周期改为 7 天")
    one.take("effective", at("04-20 09:00"), effect_text="演示：连续 40 卷无结疤")
    closed = one.take("closed", at("04-20 10:00"))
    assert closed.closed_at == at("04-20 10:00")
    kinds = list(ObjectionEvent.objects.filter(objection=row).values_list("kind", flat=True))
    assert [kind for kind in kinds if kind in ("admitted", "posted", "closed")] == [
        "admitted",
        "posted",
        "closed",
    ]


# ---------------------------------------------------------------- offer, approval, agreement


def test_no_more_is_accepted_than_was_objected_to(one: Objecting):
    one.as_far_as_liability()
    with refused("More is accepted"):
        one.offer(at("03-06 09:00"), accepted="1.3")


def test_nothing_is_proposed_without_an_offer(one: Objecting):
    one.as_far_as_liability()
    with refused("no settlement to propose"):
        one.take("proposal", at("03-06 09:00"))


def test_several_remedies_at_once_add_up(one: Objecting):
    one.as_far_as_liability()
    made = one.offer(at("03-06 09:00"), price_reduction="0.10", compensation="0.20", rework="0")
    assert made.amount == D("0.30")
    assert one.again().amount_accepted == D("0.30")
    with refused("two decimals"):
        one.offer(at("03-06 09:00"), compensation="0.001")


def test_no_agreement_without_an_approval_within_the_limit(one: Objecting):
    one.as_far_as_agreement(price_reduction="100000.01")
    with refused("Nobody with the limit"):
        one.agreement(at("03-06 12:00"))
    with refused("above your limit"):  # a manager's is 100 000, and it is the manager's own proposal
        one.approve(at("03-06 11:00"), by="manager")
    with refused("Nobody with the limit"):
        one.take("signed", at("03-06 12:00"))
    one.approve(at("03-06 11:00"), by="director")
    one.agreement(at("03-06 12:00"))


def test_within_the_limit_ones_own_proposal_may_be_approved(one: Objecting):
    one.as_far_as_agreement(price_reduction="100000")
    one.approve(at("03-06 11:00"), by="manager")


def test_what_is_split_into_remedies_is_not_approved_in_pieces(one: Objecting):
    one.as_far_as_agreement(price_reduction="60000", compensation="60000")
    with refused("above your limit"):
        one.approve(at("03-06 11:00"), by="manager")


def test_an_agents_limit_is_for_price_reductions(one: Objecting):
    one.as_far_as_agreement(compensation="4000")
    with refused("above your limit"):
        one.approve(at("03-06 11:00"), by="agent")
    one.offer(at("03-06 10:30"), price_reduction="5000")
    one.approve(at("03-06 11:00"), by="agent")


def test_a_director_stands_in_for_the_executive_though_not_for_what_is_the_directors_own(mill: Company):
    one = Objecting(mill, by="director")
    one.as_far_as_agreement(price_reduction="2000000")
    with refused("above your limit"):
        one.approve(at("03-06 11:00"), by="director")
    one.offer(at("03-06 11:00"), by="manager", price_reduction="2000001")
    one.approve(at("03-06 11:30"), by="director")


def test_another_amount_voids_the_approval_and_the_paper(one: Objecting):
    one.as_far_as_agreement()
    one.approve(at("03-06 11:00"), by="director")
    first = one.agreement(at("03-06 12:00"))
    one.offer(at("03-06 13:00"), price_reduction="37000")
    assert not stands(one.again()).facts.is_approved
    with refused("Nobody with the limit"):
        one.agreement(at("03-06 14:00"))
    with refused("no agreement on this settlement"):
        one.copy(at("03-09 10:00"))
    with refused("changed meanwhile"):
        one.approve(at("03-06 14:00"), by="director", version=1)
    one.approve(at("03-06 14:00"), by="director")
    second = one.agreement(at("03-06 15:00"))
    first.refresh_from_db()
    assert (first.superseded_at, second.version) == (at("03-06 13:00"), 2)
    assert "36,000.00" in text_of(first.sha256)  # the old one is kept as it was
    assert "37,000.00" in text_of(second.sha256)


def test_the_same_offer_once_more_keeps_its_approval(one: Objecting):
    one.as_far_as_agreement()
    one.approve(at("03-06 11:00"), by="director")
    one.offer(at("03-06 13:00"))
    assert ObjectionOffer.objects.count() == 1
    first, again = one.agreement(at("03-06 14:00")), one.agreement(at("03-06 14:01"))
    assert first.pk == again.pk


def test_signed_only_with_the_signed_copy(one: Objecting):
    one.as_far_as_agreement()
    one.approve(at("03-06 11:00"), by="director")
    with refused("no agreement on this settlement"):
        one.take("signed", at("03-06 12:00"))
    one.agreement(at("03-06 12:00"))
    with refused("signed copy is not here"):
        one.take("signed", at("03-06 13:00"))
    with refused("made before it is signed"):
        one.copy(at("03-09 10:00"), signed_on=date(2026, 3, 5))
    with refused("a PDF or a photo"):
        one.copy(
            at("03-09 10:00"), upload=SimpleUploadedFile("a.txt", "签了".encode(), content_type="text/plain")
        )
    one.copy(at("03-09 10:00"))
    one.take("signed", at("03-09 11:00"))
    with refused("Reopen the objection to change it"):
        one.offer(at("03-09 12:00"), price_reduction="1")


# ---------------------------------------------------------------- settlement


def test_settling_again_posts_nothing_twice(one: Objecting):
    one.as_far_as_signature()
    one.take("settled", at("03-10 09:00"))
    with refused("done already"):
        one.take("settled", at("03-10 09:00"))
    assert Order.objects.count() == QualityCost.objects.count() == 1


def test_a_settlement_that_is_undone_is_reversed_by_its_opposite(one: Objecting):
    def owed() -> Any:
        return owed_by(SYSTEM, one.company.customer, date(2026, 3, 12)).open

    Receivable.objects.create(
        customer=one.company.customer, amount=D(50_000), issued_on=date(2026, 2, 20), due_on=date(2026, 3, 20),
        created_at=NINE, updated_at=NINE,
    )  # fmt: skip
    one.as_far_as_signature()
    assert owed() == 50_000
    one.take("settled", at("03-10 09:00"))
    assert owed() == 14_000
    stages.reopen_objection(
        actor=one.actor(), objection=one.row, stage="settled", reason="演示：金额有误", now=at("03-11 09:00")
    )
    assert sum(order.amount for order in Order.objects.all()) == 0
    assert sum(line.amount for line in OrderLine.objects.all()) == 0
    assert sum(cost.amount for cost in QualityCost.objects.all()) == 0
    assert (one.again().stage, owed()) == ("signed", 50_000)
    one.take("settled", at("03-12 09:00"))
    assert owed() == 14_000
    assert sum(order.amount for order in Order.objects.all()) == D(-36_000)


def test_goods_that_come_back_lower_the_volume(one: Objecting):
    from bihuan.service.objection import offers

    one.as_far_as_liability()
    offers.draft_offer(
        actor=one.actor(), objection=one.row, quantity_accepted=D("1.2"), now=at("03-06 09:00"),
        remedies={"return": offers.Part(D(6000), D("1.2"))},
    )  # fmt: skip
    one.take("proposal", at("03-06 10:00"))
    one.approve(at("03-06 11:00"), by="director")
    one.agreement(at("03-06 12:00"))
    one.copy(at("03-09 10:00"))
    one.take("signed", at("03-09 11:00"))
    one.take("settled", at("03-10 09:00"))
    line = OrderLine.objects.get()
    assert (line.kind, line.quantity, line.price) == (OrderLine.Kind.CANCELLATION, D("-1.2"), D(5000))


def test_what_costs_nothing_is_settled_without_documents(one: Objecting):
    one.as_far_as_signature(rework="0")
    one.take("settled", at("03-10 09:00"))
    assert not Order.objects.exists()
    assert not QualityCost.objects.exists()


def test_a_cost_that_was_posted_by_hand_is_not_posted_twice(one: Objecting):
    one.as_far_as_signature()
    services.enter_cost(
        actor=one.actor(), category="external", amount=D(1), incurred_on=date(2026, 3, 9), now=at("03-09 12:00"),
        case=one.case,
    )  # fmt: skip
    with refused("posted already"):
        one.take("settled", at("03-10 09:00"))
    assert one.again().stage == "signed"
    assert not Order.objects.exists()  # the credit note fell with it


# ---------------------------------------------------------------- corrective action, effect, closing


def settled(one: Objecting) -> Objecting:
    one.as_far_as_signature()
    one.take("settled", at("03-10 09:00"))
    return one


def test_without_an_investigation_what_was_done_and_shown_is_said(one: Objecting):
    settled(one)
    with refused("what was done against the cause"):
        one.take("corrected", at("03-12 09:00"))
    one.take("corrected", at("03-12 09:00"), correction="演示")
    with refused("what shows"):
        one.take("effective", at("03-12 09:00"))


def test_with_an_investigation_it_closes_by_later_data_alone(one: Objecting, mill: Company):
    settled(one)
    work = Work(mill, investigation(mill, [one.case_again()]))
    with refused("no corrective action"):
        one.take("corrected", at("03-12 09:00"), correction="演示")
    work.as_far_as_causes()
    action = work.plan("corrective", "演示：缩短换辊周期", date(2026, 3, 28), at("03-17 09:00"))
    with refused("not carried out yet"):
        one.take("corrected", at("03-17 10:00"))
    work.done("d5", at("03-17 09:00"))
    work.carry_out(action, date(2026, 3, 28), at("03-28 17:00"))
    work.done("d6", at("03-28 17:00"))
    one.take("corrected", at("03-28 18:00"))
    with refused("later data"):
        one.take("effective", at("03-29 09:00"), effect_text="演示：就这样")
    prevent = work.plan("preventive", "演示：推广", date(2026, 3, 31), at("03-29 09:00"))
    work.carry_out(prevent, date(2026, 3, 30), at("03-30 17:00"))
    work.done("d7", at("03-30 18:00"))
    for each in (action, prevent):
        work.check(each, date(2026, 4, 10), at("04-10 09:00"))
    with refused("later data"):
        one.take("effective", at("04-10 10:00"))
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    one.take("effective", at("04-20 10:00"))
    work.observe(date(2026, 4, 21), at("04-21 09:00"), is_good=False)
    with refused("later data"):
        one.take("closed", at("04-21 10:00"))
    work.observe(date(2026, 4, 25), at("04-25 09:00"))
    assert one.take("closed", at("04-25 10:00")).stage == "closed"


def test_closed_nothing_is_changed_until_it_is_reopened(one: Objecting):
    settled(one)
    one.take("corrected", at("03-12 09:00"), correction="演示")
    one.take("effective", at("04-12 09:00"), effect_text="演示")
    one.take("closed", at("04-12 10:00"))
    with refused("closed"):
        one.sample(at("04-13 09:00"))
    with refused("why it is open again"):
        stages.reopen_objection(
            actor=one.actor(), objection=one.row, stage="effective", reason=" ", now=at("04-14 09:00")
        )
    stages.reopen_objection(
        actor=one.actor(),
        objection=one.row,
        stage="effective",
        reason="演示：又发现一卷",
        now=at("04-14 09:00"),
    )
    row = one.again()
    assert (row.stage, row.closed_at) == ("corrected", None)
    assert Order.objects.count() == 1  # what was settled stays
