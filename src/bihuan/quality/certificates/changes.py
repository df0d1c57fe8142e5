"""Results that came or fell after a certificate was signed: the certificate shows it, and its signer is told once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor

from ..models import Certificate, CertificateNotice, CertificateVersion
from .preparing import tested_of
from .rules import Measured, changed_since
from .several.choosing import covering, lots_of


@transaction.atomic
def notice_changes(*, lot_id: int, now: datetime) -> int:
    """Hold the certificates of a lot that count, alone or with other lots, against the results; how many turned out to be overtaken."""
    rows = Certificate.objects.filter(covering(lot_id), changed_at=None).exclude(kind=Certificate.Kind.ORIGIN)
    found = 0
    known: dict[tuple[int, ...], list[Measured]] = {}
    for row in rows:
        lots = tuple(lots_of(row))
        if lots not in known:
            known[lots] = tested_of(*lots)
        tested = known[lots]
        version = CertificateVersion.objects.get(certificate=row, version=row.version)
        if not changed_since(version.said, tested):
            continue
        found += Certificate.objects.filter(pk=row.pk, changed_at=None).update(changed_at=now)
        if version.signer_id is not None:
            CertificateNotice.objects.get_or_create(
                version=version, defaults={"recipient_id": version.signer_id, "at": now}
            )
        record(SYSTEM, now, "certificate.results_changed", row, object_name=f"{row.number}-{row.version}")
    return found


def said_changes(version: CertificateVersion, tested: list[Measured]) -> list[tuple[str, dict[str, Any]]]:
    """What changed, each with what it is about: ("came", {"name", "said"}), …"""
    rows = {int(one["result"]): one for one in version.said.get("rows", ())}
    names = {int(one["characteristic"]): one["name"] for one in rows.values()}
    now = {one.id: one for one in tested}
    found = []
    for code, key in changed_since(version.said, tested):
        row, one = rows.get(key), now.get(key)
        name = row["name"] if row else names.get(one.characteristic, "") if one else ""
        found.append(
            (code, {"name": name, "before": row["said"] if row else "", "now": one.said if one else ""})
        )
    return found


def read_notices(*, actor: Actor, certificate: Certificate, now: datetime) -> None:
    """The actor has seen the certificate: its notice leaves Today."""
    CertificateNotice.objects.filter(
        recipient=actor.user_id or 0, version__certificate=certificate, read_at=None
    ).update(read_at=now)
