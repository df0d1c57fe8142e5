"""Mail in, against a real IMAP server on loopback, over the whole corpus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.actor import SYSTEM
from bihuan.messaging import polling, receivers, services, store
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.models import Channel, DeliveryEvent, InMessage, Mailbox, OutMessage, Pickup
from bihuan.messaging.queueing import queue_message, reply_address
from bihuan.messaging.routing import route_due

from . import mails, servers
from .conftest import NOON


def poll(channel: Channel, at: Any = NOON) -> int:
    return polling.poll(channel.pk, clock=lambda: at)


class Desk:
    """A room above that owns `thing:1` to `thing:9`; 5 was merged into 6."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, str, str]] = []
        self.fails = 0

    def take(self, message: InMessage, identity: int, now: Any) -> str | None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the desk is on fire")
        identity = 6 if identity == 5 else identity
        if identity > 9:
            return None
        self.taken.append((identity, message.subject, message.classification))
        return f"thing:{identity}"


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    receivers.register_receiver("thing", one.take, short="t")
    yield one
    receivers.unregister("thing")


def test_each_mail_is_taken_in_once_and_flagged(imap, make_channel):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(), mails.gb18030_without_encoding())
    assert poll(channel) == 2
    assert poll(channel) == 0
    assert [one.subject for one in InMessage.objects.order_by("id")] == ["Order", "关于㐂字批次的投诉"]
    assert all(b"\\Seen" in one for one in imap.flags("Post"))
    row = InMessage.objects.first()
    assert row is not None
    assert store.read(row.raw).startswith(b"From: Li Lei")
    assert (row.state, row.classification, row.sender) == ("waiting", "message", "buyer@example.org")


def test_the_whole_corpus_is_read_and_nothing_stops_it(imap, make_channel):
    channel = make_channel(imap=imap.port)
    corpus = [
        mails.big5_mail(), mails.broken_words(), mails.html_only(), mails.winmail_mail(), mails.wrong_charset(),
        mails.returned("<unknown@example.com>"), mails.plain_bounce("<u@example.com>"), mails.simple(message_id=""),
        mails.simple(message_id="<auto@x>", extra="Auto-Submitted: auto-replied"), b"\r\n", b"no mail at all",
        mails.simple(sender="boss@example.com", message_id="<forged@x>",
                     extra="Authentication-Results: mx; dmarc=fail"),
    ]  # fmt: skip
    imap.put(*corpus)
    assert poll(channel) == len(corpus)
    kinds = list(InMessage.objects.order_by("id").values_list("classification", "state"))
    assert kinds[5:7] == [("bounce", "waiting")] * 2
    assert kinds[8] == ("auto_reply", "kept")
    assert kinds[11] == ("forged", "waiting")
    files = InMessage.objects.get(message_id="<p@example.org>").attachments
    assert sorted(files.values_list("name", "content_type")) == [
        ("winmail.dat", "application/octet-stream"),
        ("质检报告单（三月）.pdf", "application/pdf"),
    ]


def test_the_same_mail_in_two_copies_is_one_message(imap, make_channel):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(extra="Received: from a by b"), mails.simple(extra="Received: from c by d"))
    poll(channel)
    assert InMessage.objects.count() == 1
    assert sorted(Pickup.objects.values_list("state", flat=True)) == ["duplicate", "taken"]


def test_one_id_for_two_mails_loses_neither(imap, make_channel):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(body="one"), mails.simple(body="two"), mails.simple(body="two"))
    poll(channel)
    assert [one.text for one in InMessage.objects.order_by("id")] == ["one", "two"]
    assert DeliveryEvent.objects.filter(kind="message_id_reused").count() == 1


def test_a_folder_that_is_numbered_anew_brings_nothing_twice(imap, make_channel):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(), folder="Post")
    assert poll(channel) == 1
    imap.recreate("Post")
    imap.put(mails.simple(), mails.simple(message_id="<new@x>", body="new"), folder="Post")
    poll(channel)
    assert [one.text for one in InMessage.objects.order_by("id")] == ["Hello", "new"]
    assert Mailbox.objects.count() == 2


def test_what_lay_there_before_is_left_alone_unless_asked_for(imap, make_channel):
    imap.put(mails.simple(message_id="<old@x>"))
    channel = make_channel(imap=imap.port, read_from="new")
    poll(channel)
    imap.put(mails.simple(message_id="<new@x>"))
    poll(channel)
    assert list(InMessage.objects.values_list("message_id", flat=True)) == ["<new@x>"]


def test_a_mail_that_was_taken_can_be_moved_away(imap, make_channel):
    channel = make_channel(imap=imap.port, afterwards="move", move_to="Done")
    imap.put(mails.simple(), mails.simple(message_id="<2@x>"))
    poll(channel)
    assert (imap.count("Post"), imap.count("Done")) == (0, 2)


def test_a_huge_mail_is_named_by_its_headers_and_not_fetched(imap, make_channel):
    channel = make_channel(imap=imap.port, largest_mail=200_000)
    imap.put(mails.simple(subject="录像", body="x" * 300_000), mails.simple(message_id="<after@x>"))
    assert poll(channel) == 2
    row = InMessage.objects.get(subject="录像")
    assert (row.text, row.notes, row.raw) == ("", ["mail_too_large"], "")
    assert row.size > 300_000


def test_a_mail_of_many_pieces_is_the_mail_that_was_sent(imap, make_channel):
    channel = make_channel(imap=imap.port)
    data = bytes(range(256)) * 8_000
    imap.put(mails.multipart(mails.part("application/zip", data, "a.zip")))
    poll(channel)
    file = InMessage.objects.get().attachments.get()
    assert store.read(file.sha256) == data


def test_a_poisoned_mail_is_kept_raw_and_told_and_the_next_is_read(imap, make_channel, monkeypatch):
    channel = make_channel(imap=imap.port)
    real = polling.parse

    def poisoned(data: bytes, *more: Any, **named: Any) -> Any:
        if b"poison" in data:
            raise RecursionError("too deep")
        return real(data, *more, **named)

    monkeypatch.setattr(polling, "parse", poisoned)
    imap.put(mails.simple(body="poison"), mails.simple(message_id="<2@x>"))
    assert poll(channel) == 2
    bad, good = InMessage.objects.order_by("id")
    assert (bad.classification, bad.state, good.state) == ("unreadable", "waiting", "waiting")
    assert b"poison" in store.read(bad.raw)
    assert poll(channel) == 0
    assert b"\\Seen" not in imap.flags("Post")[0]


def test_a_mail_at_which_the_program_dies_is_not_read_for_ever(imap, make_channel, monkeypatch):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(), mails.simple(message_id="<2@x>"))

    def killed(*_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(polling, "read_mail", killed)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                poll(channel)
    assert poll(channel) == 2
    assert sorted(InMessage.objects.values_list("classification", flat=True)) == ["message", "unreadable"]


def test_what_was_kept_but_not_flagged_when_the_program_was_killed_is_flagged_next_time(
    imap, make_channel, monkeypatch
):
    channel = make_channel(imap=imap.port, afterwards="move", move_to="Done")
    imap.put(mails.simple())

    def killed(*_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(polling, "_tidy", killed)
        with pytest.raises(KeyboardInterrupt):
            poll(channel)
    assert imap.count("Post") == 1
    poll(channel)
    assert (imap.count("Post"), imap.count("Done"), InMessage.objects.count()) == (0, 1, 1)
    assert route_due(NOON) == 1


def test_two_at_once_do_not_read_one_folder(imap, make_channel):
    channel = make_channel(imap=imap.port)
    Channel.objects.update(polled_by="another", polled_until=NOON + timedelta(minutes=5))
    imap.put(mails.simple())
    assert poll(channel) == 0
    assert poll(channel, NOON + timedelta(minutes=6)) == 1


def test_a_server_that_is_away_or_refuses_lets_the_channel_rest(imap, make_channel):
    channel = make_channel(imap=servers.free_port())
    assert poll(channel) == 0
    channel.refresh_from_db()
    assert channel.in_error and channel.in_rests_until == NOON + timedelta(seconds=30)
    assert polling.due_polls(NOON) == []
    wrong = make_channel(imap=imap.port, name="二", address="two@example.com", passwords={"imap": "wrong"})
    poll(wrong)
    wrong.refresh_from_db()
    assert "wrong" not in wrong.in_error and wrong.in_error


# ---- routing


def test_an_answer_to_a_signed_address_reaches_its_object_also_after_a_merge(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(to=reply_address(channel, "thing:5")))
    poll(channel)
    row = InMessage.objects.get()
    assert (row.state, row.about) == ("routed", "thing:6")
    assert desk.taken == [(6, "Order", "message")]


def test_a_forged_signature_reaches_nothing(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(to=reply_address(channel, "thing:5").replace("+t5-", "+t7-")))
    poll(channel)
    assert (InMessage.objects.get().state, desk.taken) == ("waiting", [])


def test_an_answer_to_our_mail_reaches_its_object_and_so_does_the_answer_to_that(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    sent = queue_message(
        actor=SYSTEM,
        channel=channel,
        to=["buyer@example.org"],
        subject="x",
        text="x",
        about="thing:3",
        now=NOON,
    )
    imap.put(
        mails.simple(message_id="<r1@x>", extra=f"In-Reply-To: {sent.message_id}"),
        mails.simple(message_id="<r2@x>", body="more", extra="References: <other@x> <r1@x>"),
    )
    poll(channel)
    assert [one[0] for one in desk.taken] == [3, 3]
    assert set(InMessage.objects.values_list("about", flat=True)) == {"thing:3"}


def test_a_bounce_is_written_at_the_mail_that_came_back(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    sent = queue_message(
        actor=SYSTEM,
        channel=channel,
        to=["gone@example.org"],
        subject="x",
        text="x",
        about="thing:3",
        now=NOON,
    )
    imap.put(mails.returned(sent.message_id))
    poll(channel)
    sent.refresh_from_db()
    assert sent.bounced_at == NOON
    event = DeliveryEvent.objects.get(out_id=sent.pk, kind="bounced")
    assert (event.recipient, event.code) == ("gone@example.org", "5.1.1")
    assert desk.taken == [(3, "Undelivered Mail Returned to Sender", "bounce")]


def test_our_own_mail_come_back_reaches_nobody(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    sent = queue_message(
        actor=SYSTEM,
        channel=channel,
        to=["list@example.org"],
        subject="x",
        text="x",
        about="thing:3",
        now=NOON,
    )
    imap.put(mails.simple(message_id=sent.message_id, to=reply_address(channel, "thing:3")))
    poll(channel)
    row = InMessage.objects.get()
    assert (row.classification, row.state, row.reason, desk.taken) == ("loop", "kept", "own_message_id", [])


def test_a_flood_from_one_sender_stops_reaching_people_and_waits(imap, make_channel, desk):
    channel = make_channel(imap=imap.port, most_from_sender=3)
    to = reply_address(channel, "thing:1")
    imap.put(*(mails.simple(to=to, message_id=f"<{n}@x>", body=str(n)) for n in range(5)))
    poll(channel)
    assert len(desk.taken) == 3
    assert InMessage.objects.filter(classification="loop", state="waiting", reason="rate").count() == 2


def test_a_machine_is_never_answered_by_a_machine(imap, make_channel):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(extra="Auto-Submitted: auto-replied"))
    poll(channel)
    with pytest.raises(MessagingError):
        queue_message(
            actor=SYSTEM, channel=channel, to=["buyer@example.org"], subject="x", text="x", now=NOON,
            automatic="auto-replied", answers=InMessage.objects.get(),
        )  # fmt: skip


def test_a_receiver_that_fails_is_asked_again_and_in_the_end_a_person(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    desk.fails = 1
    imap.put(mails.simple(to=reply_address(channel, "thing:2")))
    poll(channel)
    row = InMessage.objects.get()
    assert (row.state, row.route_error) == ("new", "RuntimeError: the desk is on fire")
    assert route_due(NOON) == 0
    assert route_due(NOON + timedelta(minutes=2)) == 1
    row.refresh_from_db()
    assert (row.state, row.route_error) == ("routed", "")
    assert len(desk.taken) == 1


def test_mail_that_nobody_takes_waits_for_a_person_who_hands_it_on(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    imap.put(mails.simple(), mails.simple(message_id="<2@x>", to=reply_address(channel, "thing:77")))
    poll(channel)
    first, second = InMessage.objects.order_by("id")
    assert (first.state, second.state) == ("waiting", "waiting")
    with pytest.raises(MessagingError):
        services.hand_on(actor=SYSTEM, message=first, about="nothing:1", now=NOON)
    services.hand_on(actor=SYSTEM, message=first, about="thing:4", now=NOON)
    services.put_away(actor=SYSTEM, message=second, now=NOON)
    assert desk.taken == [(4, "Order", "message")]
    with pytest.raises(MessagingError):
        services.hand_on(actor=SYSTEM, message=first, about="thing:5", now=NOON)


def test_a_room_may_take_what_belongs_to_nothing_yet(imap, make_channel, desk):
    channel = make_channel(imap=imap.port)
    taken = receivers.register_newcomer(
        lambda message, now: "thing:8" if "Order" in message.subject else None
    )
    try:
        imap.put(mails.simple(), mails.simple(message_id="<2@x>", subject="Other"))
        poll(channel)
    finally:
        receivers.forget_newcomer(taken)
    assert sorted(InMessage.objects.values_list("state", "about")) == [("routed", "thing:8"), ("waiting", "")]
    assert OutMessage.objects.count() == 0
