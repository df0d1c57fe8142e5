"""Objections on pages: the way from the case, the dialogs, and who sees what of them. All names are made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from bihuan.segmentation.models import Standing
from bihuan.service import services
from bihuan.service.models import CaseFile, Objection, ObjectionAgreement
from bihuan.service.objection.following import objections_follow_the_survivor
from bihuan.service.objection.showing import STEPS

from .desk import Company, at, opened
from .eightd import Work, investigation
from .objecting import RAISED, Objecting, paper, steel_matrix

pytestmark = pytest.mark.django_db


@pytest.fixture
def mill(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("BIHUAN_NOW", at("03-09 12:00").isoformat())
    steel_matrix()
    Standing.objects.filter(customer=company.customer).update(tier="strategic")
    return company


@pytest.fixture
def signed(mill: Company) -> Objecting:
    one = Objecting(mill)
    one.as_far_as_signature()
    return one


def text_of(company: Company, name: str, address: str) -> str:
    answer = company.client(name).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def page_of(one: Objecting, name: str) -> str:
    return text_of(one.company, name, reverse("objection", args=[one.row.pk]))


def ask(one: Objecting, name: str, what: str, given: dict[str, Any] | None = None) -> Any:
    client, address = one.company.client(name), reverse("objection_step", args=[one.row.pk, what])
    return client.get(address) if given is None else client.post(address, given)


def test_from_the_case_to_its_objection(mill: Company):
    case = opened(mill, now=RAISED, kind="quality_objection", text="演示：短重")
    address = reverse("panels", args=["case", case.pk]) + "?place=side"
    create = reverse("objection_create", args=[case.pk])
    assert create in text_of(mill, "manager", address)
    assert create not in text_of(mill, "dispatcher", address)
    answer = mill.client("manager").post(
        create,
        {"raised_on": "2026-03-02", "received_on": "2026-03-08", "about": "quality", "defect": "演示：短重"},
    )  # received after it was raised
    assert answer.status_code == 422
    assert "收货日期不能晚于提出异议的日期" in answer.content.decode()
    answer = mill.client("manager").post(
        create, {"raised_on": "2026-03-02", "about": "quality", "defect": "演示：短重"}
    )
    row = Objection.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("objection", args=[row.pk]))
    text = text_of(mill, "manager", address)
    assert row.number in text
    assert "请填写客户收货日期" in text  # what the next stage lacks


def test_the_customers_page_shows_objections_with_amounts_for_who_may_read_them(signed: Objecting):
    address = reverse("panels", args=["customer", signed.company.customer.pk]) + "?place=main"
    page = reverse("objection", args=[signed.row.pk])
    pages = {
        name: text_of(signed.company, name, address) for name in ("manager", "seller", "quality", "stranger")
    }
    assert {name: (page in text, "36,000.00" in text) for name, text in pages.items()} == {
        "manager": (True, True),
        "seller": (True, True),
        "quality": (True, False),
        "stranger": (False, False),
    }
    assert "panel-objections" not in pages["stranger"]


def test_another_kind_of_case_has_no_such_panel(mill: Company):
    case = opened(mill, kind="question")
    assert "panel-objection" not in text_of(
        mill, "manager", reverse("panels", args=["case", case.pk]) + "?place=side"
    )


def test_a_refusal_is_said_in_the_dialog(mill: Company):
    one = Objecting(mill)
    answer = ask(one, "manager", "admitted", {})
    assert answer.status_code == 422
    assert "请先完成上一阶段" in answer.content.decode()


def test_who_tests_sees_tests_and_no_prices(signed: Objecting):
    for name in ("quality",):
        text = page_of(signed, name)
        assert "演示：结疤深度 0.4 mm" in text
        assert "折让" in text  # what is agreed, though not for how much
        for price in ("36,000", "50,000", "第 1 版", "演示·director"):
            assert price not in text.split("timeline")[0]
    agreement = ObjectionAgreement.objects.get()
    for address in ("objection_agreement", "objection_signed"):
        assert signed.company.client("quality").get(reverse(address, args=[agreement.pk])).status_code == 404
    for what in ("offer", "approve", "agreement", "copy", "settled"):
        assert ask(signed, "quality", what).status_code == 403
    listed = text_of(signed.company, "quality", reverse("objections") + "?columns=amount_accepted")
    assert "36,000" not in listed
    # Nor can it be found out by asking.
    everything = text_of(signed.company, "quality", reverse("objections") + "?amount_accepted.from=99999999")
    assert signed.row.number in everything


def test_who_sells_sees_amounts_and_no_technical_details(signed: Objecting):
    text = page_of(signed, "seller")
    for price in ("36,000.00", "50,000.00"):
        assert price in text
    for detail in ("演示：结疤深度", "演示S-1", "演示省质检院"):
        assert detail not in text
    assert "已取样 1 份" in text
    agreement = ObjectionAgreement.objects.get()
    answer = signed.company.client("seller").get(reverse("objection_agreement", args=[agreement.pk]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert ask(signed, "seller", "sample").status_code == 403


def test_who_only_dispatches_sees_neither(signed: Objecting):
    text = page_of(signed, "dispatcher")
    assert signed.row.lot in text
    for hidden in ("36,000", "演示：结疤深度"):
        assert hidden not in text


def test_somebody_elses_is_not_there(signed: Objecting):
    for name in ("stranger", "rival"):
        client = signed.company.client(name)
        assert client.get(reverse("objection", args=[signed.row.pk])).status_code == 404
        assert ask(signed, name, "change").status_code == 404
        assert signed.row.number not in text_of(signed.company, name, reverse("objections"))


def test_every_step_has_its_dialog(mill: Company):
    one = Objecting(mill)
    one.as_far_as_liability()
    one.offer(at("03-06 09:00"))
    for what in STEPS:
        answer = ask(one, "director", what)
        assert answer.status_code == 200, what
        assert "<form" in answer.content.decode()
    assert ask(one, "director", "nothing").status_code == 404


def test_a_paper_is_attached_in_its_dialog(mill: Company):
    one = Objecting(mill)
    answer = ask(one, "manager", "paper", {"paper": "letter", "file": paper()})
    assert answer.status_code == 302
    assert one.again().papers == ["letter"]
    assert CaseFile.objects.get().about == f"objection:{one.row.pk}"
    answer = ask(one, "manager", "paper", {"paper": "invoice"})
    assert answer.status_code == 422


def test_remedies_and_shares_by_their_dialogs(mill: Company):
    one = Objecting(mill)
    one.as_far_as_admission()
    one.take("acknowledged", at("03-02 11:30"), text="演示")
    one.take("assessed", at("03-02 12:00"))
    one.take("checked", at("03-03 15:00"), no_check_reason="演示")
    answer = ask(one, "manager", "liability", {"share_ours": "70", "share_carrier": "20"})
    assert "责任比例合计须为 100%" in answer.content.decode()
    assert ask(one, "manager", "liability", {"share_ours": "80", "share_carrier": "20"}).status_code == 302
    given = {"quantity_accepted": "1.2", "amount_price_reduction": "36000", "quantity_replacement": "1.2"}
    assert ask(one, "manager", "offer", given).status_code == 302
    text = page_of(one, "manager")
    assert "我方责任 80%、承运方责任 20%" in text
    assert "换货" in text and "36,000.00" in text
    assert ask(one, "manager", "proposal", {}).status_code == 302
    assert ask(one, "manager", "approve", {"version": "1"}).status_code == 302
    assert "批准" in page_of(one, "manager")


def test_the_list_by_stage_and_amount(signed: Objecting):
    for query, is_there in (
        ("stage=signed", True),
        ("stage=draft", False),
        ("amount_accepted.from=36000", True),
        ("amount_accepted.from=36001", False),
        ("status=closed", False),
        ("opened_at.from=2026-03-03", False),
        ("q=演示H2611", True),
    ):
        text = text_of(signed.company, "seller", f"{reverse('objections')}?{query}")
        assert (signed.row.number in text) is is_there, query


def test_the_objection_of_a_merged_case_goes_where_the_case_went(mill: Company):
    one = Objecting(mill)
    survivor = opened(mill, kind="quality_objection", text="演示：同一批货")
    services.merge_cases(actor=mill.actor("manager"), case=one.case, into=survivor, now=at("03-02 10:00"))
    for _twice in range(2):
        objections_follow_the_survivor({"case": one.case.pk}, at("03-02 10:01"))
    assert one.again().case_id == survivor.pk
    assert one.again().events.filter(kind="moved").count() == 1


def test_the_investigations_actions_stand_beside_for_who_reads_them(mill: Company):
    one = Objecting(mill)
    work = Work(mill, investigation(mill, [one.case_again()], now=at("03-03 09:00")))
    work.plan("corrective", "演示：缩短换辊周期", date(2026, 3, 28), at("03-04 09:00"))
    text = page_of(one, "quality")
    assert "演示：缩短换辊周期" in text and work.row.number in text
    for name in ("seller", "dispatcher"):
        text = page_of(one, name)
        assert "演示：缩短换辊周期" not in text and work.row.number not in text
