"""A case whose objection is open: not closed, not refused, not merged away; the way out is to finish or withdraw it. All names are made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from bihuan.kernel.outbox import deliver_due
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, Objection
from bihuan.service.objection import stages
from bihuan.service.objection.intake import open_objection
from bihuan.service.objection.rules import OVER, STAGES, Facts, keeps_case_open, lacks
from bihuan.service.objection.wording import STAGE_WORDS

from .desk import Company, at, opened
from .objecting import Objecting

SOLVED = at("03-09 12:00")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refused(words: str) -> Any:
    return pytest.raises(CaseError, match=words)


def solve(one: Objecting, case: Case | None = None) -> None:
    services.solve_case(
        actor=one.actor(),
        case=case or one.case_again(),
        solution="演示：补料",
        cause="演示：轧辊",
        now=SOLVED,
    )


def close(one: Objecting, case: Case | None = None) -> Case:
    return services.close_case(
        actor=one.actor(), case=case or one.case_again(), reason="演示：客户不需要回访", now=at("03-10 09:00")
    )


def withdraw(one: Objecting, row: Objection | None = None, now: Any = SOLVED) -> Objection:
    return stages.withdraw_objection(
        actor=one.actor(), objection=row or one.row, text="演示：客户来函撤回", now=now
    )


def test_every_stage_but_the_last_keeps_the_case_open():
    assert {stage for stage in STAGE_WORDS if not keeps_case_open(stage)} == set(OVER)
    assert [stage for stage in STAGES if not keeps_case_open(stage)] == ["closed"]


def test_what_binds_both_sides_is_not_withdrawn():
    unsigned = STAGES[: STAGES.index("signed")]
    assert all(lacks("withdrawn", Facts(done=frozenset(STAGES[:n]))) == "" for n in range(len(unsigned) + 1))
    assert lacks("withdrawn", Facts(done=frozenset((*unsigned, "signed")))) == "signed_already"
    assert lacks("withdrawn", Facts(is_refused=True)) == "is_refused"
    assert lacks("admitted", Facts(is_withdrawn=True)) == "is_withdrawn"


def test_a_case_is_closed_only_after_its_objection(one: Objecting):
    with refused(rf"objection {one.row.number} is open, at stage Draft"):
        services.refuse_case(
            actor=one.actor(), case=one.case, code="not_ours", text="演示", now=at("03-02 09:10")
        )
    one.as_far_as_signature()
    solve(one)
    with refused(rf"objection {one.row.number} is open, at stage Agreement signed\. Finish or withdraw"):
        close(one)
    assert one.case_again().status == "solved"
    with refused("agreement is signed"):
        withdraw(one)
    one.take("settled", at("03-10 08:00"))
    one.take("corrected", at("03-10 08:10"), correction="演示：换辊")
    with refused("at stage Corrective action taken"):
        close(one)
    one.take("effective", at("03-10 08:20"), effect_text="演示：未再发生")
    one.take("closed", at("03-10 08:30"))
    assert close(one).status == "closed"
    with refused(f"{one.case.number} is closed; reopen it first"):
        stages.reopen_objection(
            actor=one.actor(), objection=one.row, stage="effective", reason="演示", now=at("03-11 09:00")
        )


def test_a_customer_withdraws_and_thinks_again(one: Objecting):
    one.as_far_as_admission()
    solve(one)
    with refused("how the customer withdrew"):
        stages.withdraw_objection(actor=one.actor(), objection=one.row, text=" ", now=SOLVED)
    row = withdraw(one)
    assert (row.stage, row.closed_at) == ("withdrawn", SOLVED)
    with refused("was withdrawn"):
        one.take("acknowledged", SOLVED, text="演示")
    with refused("was withdrawn"):
        withdraw(one)
    stages.reopen_objection(
        actor=one.actor(), objection=one.row, stage="", reason="演示：又要求处理", now=at("03-09 13:00")
    )
    assert (one.again().stage, one.again().closed_at) == ("admitted", None)
    with refused("at stage Admitted"):
        close(one)
    withdraw(one, now=at("03-09 14:00"))
    assert close(one).status == "closed"


def test_an_objection_follows_its_merged_case_and_holds_the_survivor(one: Objecting, mill: Company):
    other = opened(mill, now=at("03-02 10:00"), kind="complaint", text="演示：同一卷", severity=2)
    services.merge_cases(actor=one.actor(), case=one.case, into=other, now=at("03-02 10:30"))
    solve(one, other)
    with refused(f"objection {one.row.number} is open"):  # before the news of the merge is out
        close(one, other)
    deliver_due(SOLVED)
    assert one.again().case == other
    with refused(f"objection {one.row.number} is open"):
        close(one, other)
    withdraw(one)
    assert close(one, other).status == "closed"


def test_two_objections_are_not_merged_while_one_would_be_lost(one: Objecting, mill: Company):
    second = opened(mill, now=at("03-02 10:00"), kind="quality_objection", text="演示：另一卷", severity=2)
    other = open_objection(actor=one.actor(), case=second, now=at("03-02 10:10"))
    with refused(f"Both cases have a quality objection, and {one.row.number} is open"):
        services.merge_cases(actor=one.actor(), case=one.case, into=second, now=at("03-02 10:30"))
    withdraw(one, now=at("03-02 10:20"))
    services.merge_cases(actor=one.actor(), case=one.case, into=second, now=at("03-02 10:30"))
    deliver_due(SOLVED)
    assert one.again().case == one.case, "what is over stays where it was"
    solve(one, second)
    with refused(f"objection {other.number} is open"):
        close(one, second)
