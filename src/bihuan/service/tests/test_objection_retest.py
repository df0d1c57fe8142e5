"""A result that a side disputes: the retained sample is tested, by a time that is warned of like others. All names are made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from bihuan.service.errors import CaseError
from bihuan.service.models import CaseClock, CaseEvent, CaseNotice
from bihuan.service.objection import sampling, stages
from bihuan.service.sweeping import sweep

from .desk import at
from .objecting import D, Objecting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refused(words: str) -> Any:
    return pytest.raises(CaseError, match=words)


@pytest.fixture
def sampled(one: Objecting) -> Any:
    """The joint sample of an admitted objection that was checked on site."""
    one.as_far_as_admission()
    one.take("acknowledged", at("03-02 11:30"), text="演示：已受理")
    one.take("assessed", at("03-02 12:00"), severity=2)
    stages.go_on_site(actor=one.actor(), objection=one.row, now=at("03-03 10:00"))
    sample = one.sample(at("03-03 11:00"), is_referee=False)
    one.take("checked", at("03-03 15:00"))
    return sample


def dispute(
    one: Objecting, sample: Any, now: Any, by: str = "quality", text: str = "演示：用户不认可取样位置"
) -> Any:
    return sampling.dispute_result(
        actor=one.actor(by), objection=one.row, sample=sample.pk, text=text, now=now
    )


def retest(one: Objecting) -> CaseClock:
    return CaseClock.objects.get(case=one.case, kind="retest")


def test_a_disputed_result_has_its_retained_sample_tested_in_time(one: Objecting, sampled: Any):
    with refused("has no result yet"):
        dispute(one, sampled, at("03-04 09:00"))
    one.tested(sampled, at("03-05 10:00"), conforms=True)
    with refused("Say who disputes it"):
        dispute(one, sampled, at("03-05 11:00"), text=" ")
    dispute(one, sampled, at("03-05 11:00"))
    # Seven working days of the office: from Thursday the 5th to Monday, the 16th.
    assert (retest(one).started_at, retest(one).due_at) == (at("03-05 11:00"), at("03-16 18:00"))
    with refused("disputed already"):
        dispute(one, sampled, at("03-05 12:00"))
    with refused("retained sample has to be tested first"):
        one.take("liability", at("03-05 14:00"), shares={"ours": D(100)})

    sweep(at("03-12 12:00"))
    warned = CaseNotice.objects.filter(kind="retest", level=50)
    assert {notice.recipient_id for notice in warned} == {one.case_again().owner_id}

    with refused("tested after the first one"):
        sampling.enter_result(
            actor=one.actor("quality"), objection=one.row, sample=sampled.pk, result="演示", is_conforming=False,
            result_on=at("03-04 09:00").date(), now=at("03-13 09:00"),
        )  # fmt: skip
    found = one.tested(sampled, at("03-13 16:00"))
    assert (found.is_conforming, found.first_result, found.retested_at) == (
        False, "演示：结疤深度 0.4 mm", at("03-13 16:00"),
    )  # fmt: skip
    assert (retest(one).stopped_at, retest(one).is_breached) == (at("03-13 16:00"), False)
    for again in (one.tested, lambda *given: dispute(one, *given)):
        with refused("its result stands"):
            again(sampled, at("03-13 17:00"))
    one.take("liability", at("03-13 17:00"), shares={"ours": D(100)})
    kinds = CaseEvent.objects.filter(case=one.case, field_class="technical", is_internal=True)
    assert list(kinds.order_by("id").values_list("kind", flat=True)) == ["result_disputed", "retest_result"]


def test_what_proves_nothing_or_comes_too_late_is_not_disputed(one: Objecting, sampled: Any):
    open_one = one.sample(at("03-03 12:00"), number="演示S-2", countersigned_by_them="")
    for each in (sampled, open_one):
        one.tested(each, at("03-05 10:00"))
    with refused("not sealed and countersigned"):
        dispute(one, open_one, at("03-05 11:00"))
    one.take("liability", at("03-05 14:00"), shares={"ours": D(100)})
    with refused("Liability is settled"):
        dispute(one, sampled, at("03-05 15:00"))


def test_a_withdrawn_objection_needs_no_retest_any_more(one: Objecting, sampled: Any):
    one.tested(sampled, at("03-05 10:00"))
    dispute(one, sampled, at("03-05 11:00"))
    stages.withdraw_objection(
        actor=one.actor(), objection=one.row, text="演示：来函撤回", now=at("03-06 09:00")
    )
    assert retest(one).stopped_at == at("03-06 09:00")


def test_the_page_says_by_when_and_only_to_who_reads_tests(
    one: Objecting, sampled: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIHUAN_NOW", at("03-05 12:00").isoformat())
    one.tested(sampled, at("03-05 10:00"))
    page = reverse("objection", args=[one.row.pk])
    ask = reverse("objection_step", args=[one.row.pk, "dispute"])
    quality = one.company.client("quality")
    assert ask in quality.get(page).content.decode()
    given = {"sample": sampled.pk, "text": "演示：用户不认可"}
    assert quality.post(ask, given).status_code == 302
    text = quality.get(page).content.decode()
    assert "演示S-1R 须在" in text and "演示：用户不认可" in text
    assert "演示S-1R" in quality.get(reverse("objection_step", args=[one.row.pk, "result"])).content.decode()
    seller = one.company.client("seller").get(page).content.decode()
    assert "演示：用户不认可" not in seller
    assert one.company.client("seller").post(ask, given).status_code == 403
