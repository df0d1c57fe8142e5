"""What the made company did stands in the evidence log: somebody who scans a drum's code can check it, and a flipped bit says no."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bihuan.config.cli import main
from bihuan.kernel import outbox
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.files import read
from bihuan.kernel.settings_store import get_setting
from bihuan.packs.pack import PACKS, read_yaml
from bihuan.packs.queries import PACK
from bihuan.packs.services import install_pack
from bihuan.packs.simulation.plants.proving import NEWEST, prove_plant
from bihuan.packs.simulation.run import simulate
from bihuan.quality.evidence_source import evidence_log
from bihuan.quality.evidencing.history import History
from bihuan.quality.evidencing.writing import write_waiting
from bihuan.quality.models import (
    Certificate,
    CertificateVersion,
    EvidenceEntry,
    Lot,
    LotEvent,
    LotReservation,
    LotShipment,
    ProductPublication,
    ReadingSeries,
    TestResult,
)
from bihuan.quality.published.addresses import query_of
from bihuan.service.models import CaseEvent

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
NOTHING_OPEN = {"sulfuric_acid"}
"""So few customers of an industry that delivers within days have no open lines that two lots are kept for."""


@pytest.fixture
def home(request: Any, db: Any, settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    make(request.param)
    return tmp_path


def make(pack: str) -> int:
    install_pack(pack, now=NOW)
    simulate(actor=SYSTEM, pack=pack, customers=90, years=1, seed=4, until=NOW.date(), now=NOW)
    return prove_plant(pack, now=NOW)


def logged() -> list[dict[str, Any]]:
    log = evidence_log()
    return [json.loads(log.entry(place)) for place in range(log.head().head.size)]


def verified(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    status = main(["evidence", "verify"])
    return status, [one["at"] for one in json.loads(capsys.readouterr().out)["findings"]]


def stand_alone(bundle: bytes, folder: Path, head: str = "") -> subprocess.CompletedProcess[str]:
    """The verifier as a customer runs it, with what anybody can download."""
    program, file, kept = folder / "bihuan_verify.py", folder / "bundle.json", folder / "kept.head"
    program.write_bytes(Client().get(reverse("public_verifier")).content)
    file.write_bytes(bundle)
    kept.write_text(head, encoding="utf-8")
    more = ["--head", str(kept)] if head else []
    return subprocess.run(
        [sys.executable, "-I", str(program), str(file), *more, "--json"], capture_output=True, text=True
    )


@pytest.mark.parametrize("home", PACKS, indirect=True)
def test_the_story_of_every_industry_holds_from_the_drum_to_the_proof(home: Path, capsys: Any) -> None:
    all_of_it_is_logged_in_the_order_of_its_times()
    assert verified(capsys) == (0, [])
    version = a_certificate_carries_the_code_and_the_head_of_its_moment()
    what_anybody_downloads_proves_it(version, home)
    lots_reserved_for_one_order_stand_together(str(get_setting(PACK)))
    done_again_it_adds_nothing()
    assert verified(capsys) == (0, [])
    assert altered(version, home) in verified(capsys)[1]


def all_of_it_is_logged_in_the_order_of_its_times() -> None:
    events = logged()
    moments = [datetime.fromisoformat(one["at"]) for one in events]
    assert moments == sorted(moments) and moments[-1] <= NOW
    assert not EvidenceEntry.objects.filter(place=None).exists()
    counts = {kind: [one["kind"] for one in events].count(kind) for kind in {one["kind"] for one in events}}
    assert counts["lot_tested"] == TestResult.objects.count()
    assert counts["lot_released"] == LotEvent.objects.count()
    assert counts["lot_shipped"] == LotShipment.objects.count()
    assert counts["certificate_issued"] == CertificateVersion.objects.count()
    assert counts["case_closed"] == CaseEvent.objects.filter(kind="closed").count()
    assert counts["reading_sealed"] == ReadingSeries.objects.count()
    assert counts["lot_made"] >= Lot.objects.count()


def a_certificate_carries_the_code_and_the_head_of_its_moment() -> CertificateVersion:
    first, second = read_yaml(str(get_setting(PACK)), "plant.yaml")["published"]
    general = Certificate.objects.filter(customer=None, further="")
    for one in (first, second):
        certified = general.filter(lot__product__code=one["code"], kind=one["certificate"])
        assert NEWEST <= certified.count() <= NEWEST + 1
    assert general.filter(kind="origin", lot__product__code=first["code"]).exists()
    assert not general.exclude(lot__product__code__in=[first["code"], second["code"]]).exists()

    version = CertificateVersion.objects.filter(
        certificate__in=general.filter(kind=first["certificate"], lot__product__code=first["code"])
    ).order_by("-issued_at").first()  # fmt: skip
    assert version is not None and version.issued_at > version.certificate.lot.made_at
    head = evidence_log().head_of(version.log_size)  # was signed when the certificate was
    assert (
        head.head.root.hex() == version.log_root
        and abs((head.head.at - version.issued_at).total_seconds()) < 1
    )
    lot = version.certificate.lot
    assert version.said["link"].endswith(f"/01/0{first['gtin']}/10/{lot.number}")
    assert version.said["link"].startswith("http") and version.said["company"].startswith("演示·")
    paper = read(version.sha256)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert str(version.log_size) in text and evidence_log().head().head.origin in text.replace("\n", "")

    browser = Client(headers={"accept-language": "zh-hans"})
    page = browser.get(f"/01/0{first['gtin']}/10/{lot.number}").content.decode()
    for shown in (lot.number, first["storage"], version.certificate.number, "演示·"):
        assert shown in page
    origins = version.certificate.lot.certificates.get(kind="origin").versions.get().said["origins"]
    assert origins and all(one["origin"] and one["origin"] in page for one in origins)
    assert b"".join(browser.get(f"{reverse('public_certificate')}?{query_of(lot)}")) == paper
    return version


def what_anybody_downloads_proves_it(version: CertificateVersion, home: Path) -> None:
    """The stand-alone verifier says yes, also against the head that came with the certificate; and no to one bit that was flipped."""
    number = version.certificate.number.encode()
    kept = evidence_log().head_of(version.log_size).to_bytes().decode()
    bundle = Client().get(f"{reverse('public_bundle')}?{query_of(version.certificate.lot)}").content
    holds = stand_alone(bundle, home, kept)
    assert holds.returncode == 0, holds.stdout + holds.stderr
    at = bundle.index(number)
    flipped = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
    assert stand_alone(flipped, home, kept).returncode == 1


def altered(version: CertificateVersion, home: Path) -> str:
    """Flips a bit of the certificate's entry in the log; says where it stands."""
    places = EvidenceEntry.objects.filter(row=version.pk, source="certified")
    place = places.values_list("place", flat=True).get()
    assert place is not None
    full, part = f"{place // 256:03d}", home / "evidence/tile/entries"
    file = part / full if (part / full).is_file() else next((part / f"{full}.p").iterdir())
    data = bytearray(file.read_bytes())
    data[data.index(version.certificate.number.encode())] ^= 1
    file.write_bytes(data)
    return f"entry {place}"


def done_again_it_adds_nothing() -> None:
    """Nor does the news that waits, for what it tells is there."""
    size, signed = evidence_log().head().head.size, Certificate.objects.count()
    assert prove_plant(str(get_setting(PACK)), now=NOW) == 0
    while outbox.deliver_due(NOW):
        pass
    History().enter()
    assert write_waiting(NOW) == 0
    assert (evidence_log().head().head.size, Certificate.objects.count()) == (size, signed)
    assert ProductPublication.objects.count() == 2


def lots_reserved_for_one_order_stand_together(pack: str) -> None:
    row = Certificate.objects.exclude(further="").first()
    assert (row is not None) == (pack not in NOTHING_OPEN)
    if row is not None:
        lots = [row.lot_id, *map(int, row.further.split(","))]
        (order,) = row.versions.get().said["orders"]
        kept = LotReservation.objects.filter(order=order["id"], ended_at=None, customer=row.customer)
        assert set(kept.values_list("lot", flat=True)) >= set(lots) and len(lots) == 2
        assert row.changed_at is None
