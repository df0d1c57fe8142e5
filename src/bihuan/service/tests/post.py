"""A service desk that reads and writes real mail on loopback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import deliver_due
from bihuan.messaging import polling, sending
from bihuan.messaging.models import Channel, InMessage, OutMessage
from bihuan.messaging.queueing import reply_address
from bihuan.messaging.tests import mails, servers
from bihuan.service.models import Case, CaseChannel, CaseEvent, CaseNews

from .desk import Company

BUYER = "wang@buyer.example"


@dataclass
class Desk:
    company: Company
    channel: Channel
    office: servers.PostOffice
    imap: servers.ImapServer

    def arrive(self, *raw: bytes, at: datetime) -> list[InMessage]:
        """These mails lie in the mailbox and are fetched at that moment."""
        known = set(InMessage.objects.values_list("pk", flat=True))
        self.imap.put(*raw)
        polling.poll(self.channel.pk, clock=lambda: at)
        return list(InMessage.objects.exclude(pk__in=known).order_by("id"))

    def send(self, at: datetime) -> None:
        """What is queued goes out; whoever hears of it, hears of it."""
        sending.send_due(self.channel.pk, clock=lambda: at)
        deliver_due(at)

    def address_of(self, case: Case) -> str:
        return reply_address(self.channel, f"case:{case.pk}")

    def opens(self, kind: str = "complaint", *, acknowledges: bool = False) -> None:
        CaseChannel.objects.update_or_create(
            channel=self.channel, defaults={"opens": True, "kind": kind, "acknowledges": acknowledges}
        )


def mail(body: str, number: str = "m1", *, sender: str = f"王工 <{BUYER}>", **more: Any) -> bytes:
    return mails.simple(
        sender=sender, body=body, message_id=f"<{number}@buyer.example>", **({"subject": "酸度偏高"} | more)
    )


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def told(case: Case, kind: str) -> list[str]:
    rows = CaseNews.objects.filter(case=case, kind=kind).order_by("id")
    return list(rows.values_list("recipient__username", flat=True))


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def sent() -> OutMessage:
    return OutMessage.objects.latest("id")
