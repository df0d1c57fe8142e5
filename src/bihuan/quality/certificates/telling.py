"""Sending a certificate to its customer: the paper, and the head of the evidence log to keep. The one that supersedes another says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bihuan.customers.models import Contact
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.files import read
from bihuan.messaging.queueing import default_channel, queue_message
from bihuan.messaging.store import attach
from bihuan.messaging.wordings import register_wordings, render

from ..evidence import EvidenceFault
from ..evidence_source import evidence_log
from ..models import CertificateVersion

MOST_SAID = 3  # lots in a mail; its paper names all

register_wordings(Path(__file__).with_name("wordings.yaml"))


def send(*, version_id: int, now: datetime) -> int:
    """Queue the mails of a version, once each; how many there are. Who had an earlier version is told of the one that takes its place.

    A company without a mail channel sends nothing: the certificate's page shows whom it was meant for.
    """
    version = CertificateVersion.objects.select_related("certificate__lot__product").get(pk=version_id)
    people = recipients_of(version)
    channel = default_channel() if people else None
    if channel is None:
        return 0
    row, said = version.certificate, version.said
    name = f"{row.number}-{version.version}"
    files = [attach(read(version.sha256), f"{name}.pdf", "application/pdf")]
    try:
        head = evidence_log().head_of(version.log_size).to_bytes()
        files.append(attach(head, f"{name}.head.txt", "text/plain"))
    except EvidenceFault:
        pass  # a log that does not hold is found by its own check; the paper goes all the same
    english = version.language == "en"
    words = render(
        "certificate_superseded" if version.version > 1 else "certificate_issued",
        {
            "number": name,
            "title": said["title"]["en" if english else "zh-Hans"],
            "product": said["lot"]["product_en" if english else "product"],
            "lot": say_lots([one["number"] for one in said.get("lots") or [said["lot"]]], english),
            "superseded": f"{row.number}-{version.version - 1}",
            "reason": version.reason,
            "company": said["company"],
            "link": said["link"],
        },
        "en" if english else "zh-hans",
    )
    for one in people:
        queue_message(
            actor=SYSTEM, channel=channel, to=[one.email], subject=words.subject, text=words.body, now=now, attachments=files,
            automatic="auto-generated", once=f"certificate:{version.pk}:{one.pk}",
        )  # fmt: skip
    return len(people)


def say_lots(numbers: Sequence[str], is_english: bool) -> str:
    """The numbers of the lots; of more than three the first three and how many there are."""
    said = (", " if is_english else "、").join(numbers[:MOST_SAID])
    if len(numbers) <= MOST_SAID:
        return said
    return f"{said} … ({len(numbers)})" if is_english else f"{said} 等 {len(numbers)} 批"


def recipients_of(version: CertificateVersion) -> list[Contact]:
    """Whom this version goes to: those named for it, and all who were sent an earlier one."""
    rows = Contact.objects.filter(
        pk__in=version.certificate.versions.filter(version__lte=version.version).values("recipients__contact")
    )
    return list(rows.filter(is_active=True).exclude(email="").order_by("pk"))
