"""Mail out, against a real SMTP server on loopback."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import IntegrityError, connection

from bihuan.kernel.actor import SYSTEM
from bihuan.messaging import services, store
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.models import Channel, DeliveryEvent, OutMessage
from bihuan.messaging.queueing import queue_message
from bihuan.messaging.sending import claim_next, due_channels, free_abandoned, send_due

from . import servers
from .conftest import NOON


def queue(channel: Channel, subject: str = "询价", **more: Any) -> OutMessage:
    given: dict[str, Any] = {"to": ["buyer@example.org"], "text": "您好。\n.\n结束", "now": NOON} | more
    return queue_message(actor=SYSTEM, channel=channel, subject=subject, **given)


def send(channel: Channel, at: datetime = NOON) -> int:
    return send_due(channel.pk, clock=lambda: at)


def kinds(row: OutMessage) -> list[str]:
    return list(DeliveryEvent.objects.filter(out_id=row.pk).order_by("id").values_list("kind", flat=True))


def test_a_queued_message_arrives_once_with_its_files_and_its_marks(office, make_channel):
    channel = make_channel(smtp=office.port)
    file = store.attach("质检".encode(), "质检报告.txt", "text/plain")
    row = queue(channel, "关于 3 月批次", attachments=[file], automatic="auto-generated")
    assert due_channels(NOON) == [channel.pk]
    assert send(channel) == 1
    assert send(channel) == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sent_at) == ("sent", 1, NOON)
    assert kinds(row) == ["queued", "sent"]
    mail = message_from_bytes(office.bodies[0], policy=policy.default)
    assert mail["Subject"] == "关于 3 月批次"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Bihuan-Loop"]
    body = mail.get_body()
    assert body is not None
    assert body.get_content().replace("\r", "") == "您好。\n.\n结束\n"
    assert [one.get_filename() for one in mail.iter_attachments()] == ["质检报告.txt"]


def test_a_refusal_for_now_is_tried_again_later_and_given_up_in_the_end(office, make_channel):
    channel = make_channel(smtp=office.port, most_attempts=3)
    row = queue(channel)
    office.to_data = ["451 later"] * 3
    moment = NOON
    for state in ("failed", "failed", "dead"):
        assert send(channel, moment) == 1
        row.refresh_from_db()
        assert row.state == state
        assert send(channel, moment) == 0
        moment += timedelta(hours=1)
    assert row.last_error == "451 later"
    assert office.arrived == []


def test_a_refusal_for_good_is_a_dead_letter_that_a_person_sends_again_or_drops(office, make_channel):
    channel = make_channel(smtp=office.port)
    row, other = queue(channel), queue(channel, "另一封")
    office.to_data = ["554 no", "554 no"]
    send(channel)
    row.refresh_from_db()
    assert row.state == "dead"
    services.retry_message(actor=SYSTEM, message=row, now=NOON)
    services.drop_message(actor=SYSTEM, message=other, now=NOON)
    send(channel)
    assert office.message_ids() == [row.message_id]
    with pytest.raises(MessagingError):
        services.retry_message(actor=SYSTEM, message=OutMessage.objects.get(pk=row.pk), now=NOON)


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(office, make_channel):
    channel = make_channel(smtp=office.port)
    office.to_recipient["gone@example.org"] = "550 no such user"
    row = queue(channel, to=["buyer@example.org", "gone@example.org"])
    send(channel)
    row.refresh_from_db()
    assert row.state == "sent"
    assert DeliveryEvent.objects.get(out_id=row.pk, kind="refused").recipient == "gone@example.org"


def test_one_recipient_who_is_to_be_asked_later_keeps_the_mail_back_for_all(office, make_channel):
    channel = make_channel(smtp=office.port)
    office.to_recipient["full@example.org"] = "452 full"
    row = queue(channel, to=["buyer@example.org", "full@example.org"])
    send(channel)
    row.refresh_from_db()
    assert (row.state, office.arrived) == ("failed", [])
    office.to_recipient.clear()
    send(channel, NOON + timedelta(hours=1))
    assert len(office.arrived) == 1


def test_silence_after_the_last_byte_is_told_and_never_sent_again_by_itself(office, make_channel):
    channel = make_channel(smtp=office.port)
    row = queue(channel)
    office.to_data = ["drop"]
    send(channel)
    row.refresh_from_db()
    assert (row.state, row.may_have_arrived) == ("dead", True)
    assert kinds(row)[-1] == "unsure"
    send(channel, NOON + timedelta(days=3))
    assert len(office.arrived) == 1


def test_a_server_that_is_away_lets_the_channel_rest_and_blames_no_mail(make_channel):
    channel = make_channel(smtp=servers.free_port())
    row = queue(channel)
    assert send(channel) == 0
    channel.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    assert channel.out_rests_until == NOON + timedelta(seconds=30)
    assert "refused" in channel.out_error.lower()
    assert due_channels(NOON) == []
    assert due_channels(NOON + timedelta(seconds=31)) == [channel.pk]


def test_a_wrong_password_lets_the_channel_rest(make_channel):
    with servers.smtp_server(password="right") as office:
        channel = make_channel(smtp=office.port, smtp_user="support", passwords={"smtp": "wrong"})
        row = queue(channel)
        send(channel)
        channel.refresh_from_db()
        assert channel.out_error.startswith("535")
        assert "wrong" not in str(channel.sealed)
        services.save_channel(
            actor=SYSTEM, channel=channel, name=channel.name, settings=channel.settings,
            passwords={"smtp": "right"}, per_minute=10, enabled=True, now=NOON,
        )  # fmt: skip
        send(channel)
        row.refresh_from_db()
        assert row.state == "sent"


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(make_channel, tmp_path, monkeypatch):
    context = servers.self_signed(tmp_path)
    with servers.smtp_server(tls=context) as office:
        channel = make_channel(smtp=office.port, smtp_security="starttls")
        row = queue(channel)
        send(channel)
        channel.refresh_from_db()
        assert "certificate" in channel.out_error.lower()
        assert office.arrived == []
        # Vouched for, the same server gets it.
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        send(channel, NOON + timedelta(minutes=5))
        row.refresh_from_db()
        assert row.state == "sent"


def test_a_channel_sends_no_more_than_its_limit_in_a_minute(office, make_channel):
    channel = make_channel(smtp=office.port, per_minute=3)
    for number in range(5):
        queue(channel, f"第 {number} 封")
    assert send(channel) == 3
    assert send(channel, NOON + timedelta(seconds=59)) == 0
    assert send(channel, NOON + timedelta(seconds=61)) == 2
    assert office.sessions == 2


def test_a_claim_that_was_never_handed_over_is_freed_and_sent(office, make_channel):
    channel = make_channel(smtp=office.port)
    row = queue(channel)
    assert claim_next(channel.pk, NOON) is not None
    assert send(channel) == 0
    later = NOON + timedelta(minutes=6)
    assert free_abandoned(later) == 1
    assert send(channel, later) == 1
    assert office.message_ids() == [row.message_id]


def test_a_message_that_was_handed_over_when_the_program_was_killed_waits_for_a_person(office, make_channel):
    channel = make_channel(smtp=office.port)
    row = queue(channel)
    claim_next(channel.pk, NOON)
    OutMessage.objects.filter(pk=row.pk).update(handed_at=NOON)
    later = NOON + timedelta(minutes=6)
    assert due_channels(later) == []
    row.refresh_from_db()
    assert (row.state, row.may_have_arrived) == ("dead", True)
    assert send(channel, later) == 0


def test_a_worker_whose_claim_was_taken_back_sends_nothing(office, make_channel, monkeypatch):
    channel = make_channel(smtp=office.port)
    queue(channel)
    from bihuan.messaging import sending

    real = sending.compose

    def slowly(draft: Any) -> bytes:
        OutMessage.objects.update(claim="another", state="sending")
        return real(draft)

    monkeypatch.setattr(sending, "compose", slowly)
    send(channel)
    assert office.arrived == []


def test_the_same_key_queues_once(make_channel):
    channel = make_channel()
    assert queue(channel, once="case:1:receipt").pk == queue(channel, once="case:1:receipt").pk


def test_headers_cannot_be_smuggled_in(office, make_channel):
    channel = make_channel(smtp=office.port)
    queue(channel, "询价\r\nBcc: spy@example.org")
    with pytest.raises(MessagingError):
        queue(channel, to=["a@example.org\r\nBcc: spy@example.org"])
    send(channel)
    mail = message_from_bytes(office.bodies[0])
    assert mail["Bcc"] is None
    assert office.arrived[0].rcpt_tos == ["buyer@example.org"]


def test_the_delivery_log_is_never_changed(make_channel):
    row = queue(make_channel())
    for change in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
        from django.db import transaction

        with pytest.raises(IntegrityError), transaction.atomic():
            change(DeliveryEvent.objects.filter(out_id=row.pk))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once_and_keep_the_limit(office, make_channel):
    if connection.vendor == "sqlite":
        pytest.skip("threads share one connection's cache here; test_processes does this with processes")
    channel = make_channel(smtp=office.port, per_minute=30)
    rows = [queue(channel, f"第 {number} 封") for number in range(40)]
    start = threading.Barrier(3)
    errors: list[Exception] = []

    def work() -> None:
        try:
            start.wait()
            send(channel)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert errors == []
    arrived = office.message_ids()
    assert len(arrived) == len(set(arrived)) == 30
    assert set(arrived) < {one.message_id for one in rows}
