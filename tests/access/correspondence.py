"""Mail: on each case a mail in, one held, one out; and mail of no case, by a channel of the team's and by another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.messaging.models import Channel, InMessage, OutMessage
from bihuan.people.models import User
from bihuan.service.models import Case, CaseEvent, CaseMail, CaseNews

from . import world as planting
from .company import plant
from .doors import client_of, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

WORDS = ("subject", "text", "quoted", "sender_name")
# What the case's page shows of its mails.
SHOWN = frozenset(
    {
        "mail.taken.text", "mail.taken.quoted", "mail.taken.writer", "mail.held.text", "mail.held.subject",
        "mail.held.sender_name", "mail.out.text", "mail.address",
    }
)  # fmt: skip


def plant_mail(world: World, filler: Filler, whose: str) -> None:
    """On the case of that person; for the team and for others also mail that belongs to no case."""
    case = world.rows["case", whose]
    channel = channel_of(world, "team" if whose == "team" else "other")
    for standing in ("taken", "held"):
        row = incoming(filler, channel, f"case:{case.pk}", "routed")
        event = CaseEvent.objects.create(
            case=case, at=planting.NOON, kind="received" if standing == "taken" else "mail_held", actor="contact",
            actor_name=filler.word(), data={"text": row.text, "mail": row.pk} if standing == "taken" else {},
        )  # fmt: skip
        CaseMail.objects.create(case=case, incoming=row, event=event, standing=standing, at=planting.NOON)
        for name in WORDS:
            plant(
                world,
                "case",
                f"mail.{standing}.{name}",
                FieldClass.PUBLIC,
                getattr(row, name),
                case.pk,
                whose,
            )
        plant(world, "case", f"mail.{standing}.writer", FieldClass.PUBLIC, event.actor_name, case.pk, whose)
        plant_address(world, row.sender, case, whose)
        CaseNews.objects.bulk_create(
            CaseNews(case=case, event=event, recipient=person, kind="received", at=planting.NOON)
            for person in world.people.values()
        )
    out = outgoing(filler, channel, f"case:{case.pk}")
    event = CaseEvent.objects.create(
        case=case, at=planting.NOON, kind="responded", actor="staff:0", actor_name="x",
        data={"text": out.text, "out": out.pk},
    )  # fmt: skip
    CaseMail.objects.create(case=case, outgoing=out, event=event, at=planting.NOON)
    plant(world, "case", "mail.out.text", FieldClass.PUBLIC, out.text, case.pk, whose)
    plant(world, "case", "mail.out.subject", FieldClass.PUBLIC, out.subject, case.pk, whose)
    plant_address(world, out.to[0], case, whose)
    if whose in ("team", "other"):
        # The sender is a person of that customer: deciding on the mail suggests whose it is.
        row = incoming(filler, channel, "", "waiting", sender=world.rows["contact", whose].email)
        world.rows["message", whose] = row
        for name in (*WORDS, "sender"):
            plant(world, "message", name, FieldClass.CONTACT, getattr(row, name), row.pk, whose)
        sent = outgoing(filler, channel, "")
        world.rows["sent", whose] = sent
        for name, text in (("out.subject", sent.subject), ("out.text", sent.text), ("out.to", sent.to[0])):
            plant(world, "message", name, FieldClass.CONTACT, text, sent.pk, whose)


def plant_address(world: World, address: str, case: Case, whose: str) -> None:
    """An address is the case's, where contact data are read, and the message's, as all its words are."""
    plant(world, "case", "mail.address", FieldClass.CONTACT, address, case.pk, whose)
    plant(world, "message", "address", FieldClass.CONTACT, address, case.pk, whose)


def channel_of(world: World, name: str) -> Channel:
    if ("channel", name) not in world.rows:
        world.rows["channel", name] = Channel.objects.create(
            name=name, created_at=planting.NOON, team=world.teams["shanghai"] if name == "team" else None,
            settings={"address": f"{name}@example.net", "smtp_host": "127.0.0.1", "smtp_security": "plain"},
        )  # fmt: skip
    row: Channel = world.rows["channel", name]
    return row


def incoming(filler: Filler, channel: Channel, about: str, state: str, sender: str = "") -> InMessage:
    return InMessage.objects.create(
        channel=channel, message_id=f"<{filler.word()}@x>", digest=filler.word(), about=about, state=state,
        sender=sender or f"{filler.word()}@example.org", received_at=planting.NOON, classification="message",
        **{name: filler.word() for name in WORDS},
    )  # fmt: skip


def outgoing(filler: Filler, channel: Channel, about: str) -> OutMessage:
    return OutMessage.objects.create(
        channel=channel, message_id=f"<{filler.word()}@x>", about=about, to=[f"{filler.word()}@example.org"],
        subject=filler.word(), text=filler.word(), written_by="staff:0", created_at=planting.NOON,
        next_attempt_at=planting.NOON,
    )  # fmt: skip


def mail_doors(world: World) -> list[Door]:
    return [
        Door("page message", "page", "message", page("mail_in"), promises=frozenset({"subject", "text", "sender"})),
        Door("page sent", "page", "message", of_sent),
        Door("inbox", "list", "message", page("mail_inbox", query="?state=all"), many=True, promises=frozenset({"subject"})),
        Door("queue", "list", "message", page("mail_queue"), many=True, promises=frozenset({"out.subject"})),
        Door("mails of case", "page", "case", of_case),
        Door("decide on message", "page", "message", page("case_from_mail"), action="edit"),
        Door("add message", "page", "message", page("case_add_mail"), action="edit"),
        Door("names for a note", "page", "case", page("case_mentions", query="?q=zq"), action="note"),
        Door("text for a note", "page", "case", page("case_note_text"), action="note"),
        Door("conversation", "page", "case", page("case"), promises=SHOWN),
    ]  # fmt: skip


def of_case(user: User, row: Any) -> str:
    """The case's mails in messaging's own pages."""
    pages = [reverse("mail_in", args=[one.pk]) for one in InMessage.objects.filter(about=f"case:{row.pk}")]
    pages += [reverse("mail_out", args=[one.pk]) for one in OutMessage.objects.filter(about=f"case:{row.pk}")]
    return "\n".join(read(client_of(user).get(one)) for one in pages)


def of_sent(user: User, row: Any) -> str:
    """A message out of the same channel as the message in, about nothing."""
    sent = OutMessage.objects.get(channel=row.channel, about="")
    return read(client_of(user).get(reverse("mail_out", args=[sent.pk])))


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
A_BUTTON = "decides whether a button is drawn; the change asks again"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "messaging/queries.py",
        "_one",
        "messages_within",
    ): "acting never reaches further than viewing, and both are asked",
    (
        "service/correspondence/forms.py",
        "addresses_of",
        "may_read",
    ): "addresses are offered to who reads the case's contact data; its room's tests ask for the contacts' own",
    (
        "service/correspondence/mentions.py",
        "may_read",
        "visible_to",
    ): "says whom a note may name; its room's tests ask",
    (
        "service/correspondence/mentions.py",
        "suggestions",
        "visible_to",
    ): "offers only who may see the case, and nobody planted may; its room's tests ask",
    (
        "service/correspondence/views/inbox.py",
        "_suggested",
        "customers_visible_to",
    ): "all planted who decide on mails learn each customer's name elsewhere; its room's tests ask",
    (
        "service/correspondence/queries.py",
        "my_news",
        "classes",
    ): "tells who wrote, and that stands in the case as well",
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("service/correspondence/deciding.py", "add_to_case", "visible_to"): A_WRITE,
    ("service/correspondence/mentions.py", "mentioned", "visible_to"): A_WRITE,
    ("service/correspondence/views/inbox.py", "case_from_mail", "customers_visible_to"): A_WRITE,
}
