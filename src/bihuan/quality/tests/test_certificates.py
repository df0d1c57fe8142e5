"""A certificate is issued for a lot that deserves it, superseded by its next version, and noticed when results change."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.kernel.files import read
from bihuan.kernel.models import OutboxEvent
from bihuan.messaging.models import Channel, OutMessage
from bihuan.people.services import actor_for, create_user
from bihuan.quality.certificates.errors import NotCertifiable
from bihuan.quality.certificates.issuing import certificate_of, issue, seen_as
from bihuan.quality.certificates.papers import save_template
from bihuan.quality.certificates.preparing import prepare
from bihuan.quality.certificates.queries import contacts_for, customers_for
from bihuan.quality.deciding import decide, invalidate
from bihuan.quality.errors import LotError
from bihuan.quality.models import (
    Certificate,
    CertificateNotice,
    CertificateVersion,
    Lot,
    Specification,
    TestResult,
)
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take

from .certifying import Plant, make_plant, result, sign, work
from .plants import NOON, lot, move, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant(settings, tmp_path) -> Plant:
    settings.HOME = tmp_path
    return make_plant()


def text_of(version: CertificateVersion) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(read(version.sha256))).pages)


def test_a_certificate_freezes_results_specification_and_signer(plant: Plant) -> None:
    made = sign(plant, post="质检主管")
    row = made.certificate
    assert (made.version, made.signer_name, row.number) == (1, "演示质检", f"COA-2603-{row.pk:06d}")
    assert [(one["code"], one["said"], one["lower"], one["upper"]) for one in made.said["rows"]] == [
        ("purity", "99.7", "99.5", ""), ("water", "80.0", "", "200"),
    ]  # fmt: skip
    text = text_of(made)
    for word in (
        row.number,
        "演示质检",
        "质检主管",
        "260302-1",
        "99.7",
        "≥ 99.5",
        made.log_root[:16],
        "演示化工",
    ):
        assert word in text, word
    Specification.objects.all().delete()
    assert CertificateVersion.objects.get(pk=made.pk).said == made.said
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateVersion.objects.filter(pk=made.pk).update(sha256="0" * 64)


def test_a_customers_limits_count_for_its_certificate(plant: Plant) -> None:
    assert sign(plant, customer=plant.customer).said["rows"][0]["lower"] == "99.6"
    Specification.objects.filter(customer=plant.customer).update(lower=Decimal("99.8"))
    with pytest.raises(NotCertifiable) as refused:
        sign(plant, customer=plant.customer, reason="x")
    assert refused.value.reasons == ["含量：99.7 超出规格。"]


def test_what_stands_against_it_is_said_all_at_once(plant: Plant) -> None:
    fell = TestResult.objects.get(lot=plant.lot, characteristic__code="water")
    invalidate(actor=SYSTEM, result=fell, reason="样品污染", now=NOON)
    result(plant.lot, "purity", 99.2)
    with pytest.raises(NotCertifiable) as refused:
        sign(plant)
    assert refused.value.reasons == [
        "批次 260302-1 已冻结。", "含量：99.2 超出规格。", "水分：结果 80.0 已判无效，且未重新检验。",
    ]  # fmt: skip
    assert not Certificate.objects.exists()


def test_a_lot_that_was_not_released_or_never_tested_gets_none(plant: Plant) -> None:
    receive("ATP", "raw", 5, make={"is_released": False})
    plant.lot = lot("ATP", "raw")
    with pytest.raises(NotCertifiable) as refused:
        sign(plant)
    assert len(refused.value.reasons) == 4  # not released, two without result, none at all


def test_nobody_signs_without_the_right_or_what_was_not_seen(plant: Plant) -> None:
    seller = actor_for(
        create_user(actor=SYSTEM, username="s", name="演示销售", roles=["salesperson"], now=NOON)
    )
    technician = actor_for(
        create_user(actor=SYSTEM, username="t", name="演示技术", roles=["technical"], now=NOON)
    )
    found = prepare(actor=plant.signer, lot=plant.lot, kind="coa", customer=None, now=NOON)
    seen = seen_as(found, None)
    with pytest.raises(NotAllowed):
        issue(actor=technician, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    with pytest.raises(NotAllowed):
        issue(actor=SYSTEM, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    with pytest.raises(Exception, match="lot"):  # 404: not hers to see
        issue(actor=seller, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    result(plant.lot, "purity", 99.8)
    with pytest.raises(LotError) as refused:
        issue(actor=plant.signer, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    assert refused.value.code == "seen"


def test_two_tabs_sign_one_version(plant: Plant) -> None:
    found = prepare(actor=plant.signer, lot=plant.lot, kind="coa", customer=None, now=NOON)
    seen = seen_as(found, None)
    issue(actor=plant.signer, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    with pytest.raises(LotError):
        issue(actor=plant.signer, lot=plant.lot, kind="coa", seen=seen, now=NOON)
    assert CertificateVersion.objects.count() == 1


def test_an_origin_report_lists_raw_lots_with_origin_and_share(plant: Plant) -> None:
    receive("TP", "1", 30, make={"kind": Lot.Kind.RAW, "origin": "演示·梧州"})
    receive("TP", "2", 10, make={"kind": Lot.Kind.RAW})
    move("produce", {("TP", "1"): 30, ("TP", "2"): 10}, {("ATP", "mixed"): 40})
    plant.lot = lot("ATP", "mixed")
    with pytest.raises(NotCertifiable) as refused:
        sign(plant, "origin")
    assert refused.value.reasons == ["原料批 TP/2 的产地不明。"]
    Lot.objects.filter(product__code="TP", number="2").update(origin="演示·普洱")
    made = sign(plant, "origin")
    assert [(one["origin"], one["share"]) for one in made.said["origins"]] == [
        ("演示·梧州", "75.00 %"), ("演示·普洱", "25.00 %"),
    ]  # fmt: skip
    assert "演示·梧州" in text_of(made)


def test_superseding_tells_whoever_had_the_version_before(plant: Plant) -> None:
    Channel.objects.create(
        name="演示", settings={"address": "q@example.com", "smtp_host": "localhost"}, created_at=NOON
    )
    sign(plant, customer=plant.customer, recipients=[plant.contact])
    work()
    first = OutMessage.objects.get()
    assert first.to == ["zhijian@example.com"]
    assert [one["name"].split("-1")[-1] for one in first.attachments] == [".pdf", ".head.txt"]
    with pytest.raises(LotError) as refused:
        sign(plant, customer=plant.customer)
    assert refused.value.code == "reason"
    second = sign(plant, customer=plant.customer, reason="水分复检")
    work()
    work()
    told = OutMessage.objects.exclude(pk=first.pk).get()
    assert "取代" in told.subject
    assert "水分复检" in told.text
    assert second.version == 2
    assert "取代第 1 版" in text_of(second)
    assert OutboxEvent.objects.filter(topic="certificate.issued", error="").count() == 2


def test_a_changed_result_is_noticed_and_its_signer_told_once(plant: Plant) -> None:
    made = sign(plant)
    work()
    assert Certificate.objects.get().changed_at is None
    result(plant.lot, "purity", 99.8)
    result(plant.lot, "purity", 99.9)
    work()
    assert Certificate.objects.get().changed_at == NOON
    assert CertificateNotice.objects.get().recipient_id == plant.user.pk
    again = sign(plant, reason="新结果")
    assert (again.version, Certificate.objects.get().changed_at) == (2, None)
    invalidate(actor=SYSTEM, result=TestResult.objects.get(said="99.8"), reason="样品污染", now=NOON)
    work()
    assert Certificate.objects.get().changed_at == NOON
    assert set(CertificateNotice.objects.values_list("version", flat=True)) == {made.pk, again.pk}


def test_a_certificate_goes_only_to_contacts_of_its_customer(plant: Plant) -> None:
    with pytest.raises(LotError) as refused:
        sign(plant, recipients=[plant.contact])
    assert refused.value.code == "recipient"


def test_a_customers_template_picks_language_and_characteristics(plant: Plant) -> None:
    save_template(
        actor=plant.signer, customer=plant.customer, kind="coa", language="en", standard="X-1", statement="", now=NOON,
        characteristics="water",
    )  # fmt: skip
    made = sign(plant, customer=plant.customer)
    assert [one["code"] for one in made.said["rows"]] == ["water"]
    assert "Certificate of Analysis" in text_of(made)
    with pytest.raises(LotError):
        save_template(
            actor=plant.signer, customer=plant.customer, kind="coa", language="en", standard="", statement="", now=NOON,
            characteristics="wter",
        )  # fmt: skip


def test_it_is_made_out_only_for_customers_and_contacts_that_the_signer_sees(plant: Plant) -> None:
    all_of_it = Grant(Scope.ALL, ALL_CLASSES)

    def offered(**narrowed: Grant) -> tuple[int, int]:
        grants = {
            (name, "view"): narrowed.get(name, all_of_it) for name in ("customer", "contact", "lot_shipment")
        }
        actor = Actor(kind="staff", name="x", user_id=0, grants=grants)
        return customers_for(actor, plant.lot, NOON.date()).count(), contacts_for(
            actor, plant.customer
        ).count()

    assert offered() == (1, 1)
    assert offered(customer=Grant(Scope.OWN, ALL_CLASSES)) == (0, 1)
    assert offered(contact=Grant(Scope.OWN, ALL_CLASSES)) == (1, 0)
    assert offered(contact=Grant(Scope.ALL, frozenset({FieldClass.PUBLIC}))) == (1, 0)
    Specification.objects.filter(customer=plant.customer).delete()
    assert offered() == (0, 1)
    ship(
        actor=SYSTEM,
        number="S1",
        at=NOON,
        takes=[Take(plant.lot, Decimal(1))],
        customer=plant.customer,
        now=NOON,
    )
    assert offered() == (1, 1)
    assert offered(lot_shipment=Grant(Scope.OWN, ALL_CLASSES)) == (0, 1)


def test_a_held_lot_gets_no_next_version(plant: Plant) -> None:
    sign(plant)
    decide(actor=SYSTEM, lot=plant.lot, to="held", reason="客诉", now=NOON)
    assert certificate_of(plant.lot, "coa", None)
    with pytest.raises(NotCertifiable):
        sign(plant, reason="x")
