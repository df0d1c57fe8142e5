"""A quality objection by hand, for tests: a strategic user, a coil, and the steps on the way to its settlement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.catalog.models import Product
from bihuan.kernel.settings_store import change_setting
from bihuan.packs.pack import read_service
from bihuan.service.matrix_store import SERVICE_MATRIX
from bihuan.service.models import Case, Objection, ObjectionOffer
from bihuan.service.objection import agreements, intake, offers, sampling, stages
from bihuan.service.objection.offers import Part

from .desk import NINE, Company, at, opened

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
RAISED = at("03-02 09:00")
D = Decimal


def paper(name: str = "函.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def steel_matrix(**other: Any) -> None:
    """The company promises what the steel pack does."""
    document = {**read_service("steel"), **other}
    change_setting(SERVICE_MATRIX, [{"valid_from": None, "document": document}], now=NINE)


def coil() -> Product:
    return Product.objects.create(
        code="演示HRC",
        name="演示热轧卷板 Q355B",
        family="热轧卷板",
        unit="t",
        created_at=NINE,
        updated_at=NINE,
    )


class Objecting:
    """The steps of one objection; `by` names who takes each."""

    def __init__(self, company: Company, by: str = "manager", **fields: Any) -> None:
        self.company, self.by = company, by
        self.case = opened(
            company, now=RAISED, kind="quality_objection", text="演示：热轧卷板短重并有结疤", severity=2
        )
        given: dict[str, Any] = {
            "received_on": date(2026, 2, 20), "contract": "演示HT-118", "product": coil(), "lot": "演示H2611-07",
            "specification": "8.0×1500×C", "about": "quantity", "defect": "演示：短重 1.2 t，表面结疤",
            "unit": "t", "quantity_delivered": D(120), "quantity_claimed": D("1.2"), "location": "演示用户二号库",
            "remedy_wanted": "折让", "amount_claimed": D(50_000), "resale_chain": "演示经销商 → 演示用户",
            "is_use_stopped": True, "are_tags_kept": True,
        } | fields  # fmt: skip
        self.row = intake.open_objection(actor=self.actor(), case=self.case, now=RAISED, **given)

    def actor(self, by: str = "") -> Any:
        return self.company.actor(by or self.by)

    def again(self) -> Objection:
        return Objection.objects.get(pk=self.row.pk)

    def case_again(self) -> Case:
        return Case.objects.get(pk=self.case.pk)

    def take(self, stage: str, now: datetime, by: str = "", **given: Any) -> Objection:
        return stages.finish_stage(actor=self.actor(by), objection=self.row, stage=stage, now=now, **given)

    def papers(self, now: datetime = RAISED) -> None:
        for one in ("letter", "certificate", "invoice", "delivery_note", "resale_chain", "photos"):
            content = PDF + one.encode()
            intake.add_paper(
                actor=self.actor(),
                objection=self.row,
                paper=one,
                files=[paper(f"{one}.pdf", content)],
                now=now,
            )

    def sample(self, now: datetime, by: str = "quality", **more: Any) -> Any:
        given: dict[str, Any] = {
            "number": "演示S-1", "place": "演示用户二号库", "taken_on": now.date(), "ours_present": "演示·质检员",
            "theirs_present": "演示·王工", "retained_number": "演示S-1R", "is_sealed": True,
            "countersigned_by_us": "演示·质检员", "countersigned_by_them": "演示·王工", "laboratory": "演示省质检院",
            "is_referee": True,
        } | more  # fmt: skip
        return sampling.add_sample(actor=self.actor(by), objection=self.row, now=now, **given)

    def tested(self, sample: Any, now: datetime, *, conforms: bool = False, by: str = "quality") -> Any:
        return sampling.enter_result(
            actor=self.actor(by), objection=self.row, sample=sample.pk, result="演示：结疤深度 0.4 mm",
            is_conforming=conforms, result_on=now.date(), now=now,
        )  # fmt: skip

    def offer(self, now: datetime, by: str = "", accepted: str = "1.2", **amounts: str) -> ObjectionOffer:
        parts = {name: Part(D(amount)) for name, amount in (amounts or {"price_reduction": "36000"}).items()}
        return offers.draft_offer(
            actor=self.actor(by), objection=self.row, quantity_accepted=D(accepted), remedies=parts, now=now
        )

    def approve(self, now: datetime, by: str = "", version: int | None = None) -> Objection:
        last = ObjectionOffer.objects.filter(objection=self.row).order_by("-version")[0]
        return offers.approve_offer(
            actor=self.actor(by), objection=self.row, version=version or last.version, now=now
        )

    def agreement(self, now: datetime, by: str = "") -> Any:
        return agreements.make_agreement(
            actor=self.actor(by), objection=self.row, now=now, seller="演示钢铁有限公司"
        )

    def copy(self, now: datetime, by: str = "", **more: Any) -> Any:
        given: dict[str, Any] = {"upload": paper("签字件.pdf"), "signed_on": now.date()} | more
        return agreements.add_signed_copy(actor=self.actor(by), objection=self.row, now=now, **given)

    # Ways along, each with all that it needs --------------------------------------------------------------------------

    def as_far_as_admission(self) -> None:
        self.papers()
        self.take("submitted", at("03-02 09:30"))
        self.take("admitted", at("03-02 11:00"))

    def as_far_as_liability(self) -> None:
        self.as_far_as_admission()
        self.take("acknowledged", at("03-02 11:30"), text="演示：已受理，请保留吊牌")
        self.take("assessed", at("03-02 12:00"), severity=2)
        stages.go_on_site(actor=self.actor(), objection=self.row, now=at("03-03 10:00"), text="演示")
        sample = self.sample(at("03-03 11:00"))
        self.take("checked", at("03-03 15:00"))
        self.tested(sample, at("03-05 10:00"))
        self.take("liability", at("03-05 14:00"), shares={"ours": D(80), "carrier": D(20)})

    def as_far_as_agreement(self, **amounts: str) -> None:
        self.as_far_as_liability()
        self.offer(at("03-06 09:00"), **amounts)
        self.take("proposal", at("03-06 10:00"))

    def as_far_as_signature(self, **amounts: str) -> None:
        self.as_far_as_agreement(**amounts)
        self.approve(at("03-06 11:00"), by="director")
        self.agreement(at("03-06 12:00"))
        self.copy(at("03-09 10:00"))
        self.take("signed", at("03-09 11:00"))
