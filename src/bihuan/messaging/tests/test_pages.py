"""The pages: who may open them, what they do, and that no file from outside runs in our name."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.messaging import intake, polling, store
from bihuan.messaging.channel_settings import password_of
from bihuan.messaging.mail.parse import parse
from bihuan.messaging.models import Channel, InMessage, MessageTemplate, OutMessage
from bihuan.messaging.queueing import queue_message
from bihuan.people import services as people
from bihuan.people.models import User

from . import mails
from .conftest import NOON


@pytest.fixture
def sign_in(db: None) -> Any:
    def sign(post: str) -> Client:
        team = people.create_team(actor=SYSTEM, name=f"演示{post}", now=NOON)
        user = people.create_user(actor=SYSTEM, username=post, name="演示", roles=[post], team=team, now=NOON)
        client = Client()
        client.force_login(user)
        return client

    return sign


def came(channel: Channel, mail: bytes) -> InMessage:
    read = parse(mail)
    row, _new = intake.take_in(channel, read, raw=store.keep(mail), size=len(mail), now=NOON)
    InMessage.objects.filter(pk=row.pk).update(state="waiting")
    row.refresh_from_db()
    return row


PAGES = ("mail_channels", "mail_queue", "mail_inbox", "mail_wordings", "mail_channel_create")


def test_an_administrator_opens_every_page_and_a_salesperson_none(make_channel, sign_in):
    channel = make_channel(smtp=2, imap=2)
    out = queue_message(
        actor=SYSTEM, channel=channel, to=["a@example.org"], subject="询价单", text="x", now=NOON
    )
    row = came(channel, mails.winmail_mail())
    addresses = [reverse(one) for one in PAGES] + [
        reverse("mail_channel", args=[channel.pk]), reverse("mail_out", args=[out.pk]), reverse("mail_in", args=[row.pk]),
        reverse("mail_attachment", args=[row.pk, 1]), reverse("mail_wording", args=["message_reply", "zh-hans"]),
        reverse("mail_queue") + "?state=queued", reverse("mail_inbox") + "?state=all",
    ]  # fmt: skip
    admin, seller = sign_in("administrator"), sign_in("salesperson")
    for one in addresses:
        assert admin.get(one).status_code == 200, one
        assert seller.get(one).status_code == 404, one
    assert "询价单" in admin.get(reverse("mail_queue")).content.decode()


def test_whoever_reaches_only_teams_sees_the_mail_that_these_read_and_no_other(make_channel, sign_in):
    channel = make_channel()
    row = came(channel, mails.simple(subject="秘密"))
    admin = sign_in("administrator")
    people.override_access(
        actor=SYSTEM, role="administrator", object_name="message", action="view", scope=Scope.TEAM,
        classes=["public", "contact"], now=NOON,
    )  # fmt: skip
    assert "秘密" not in admin.get(reverse("mail_inbox")).content.decode()
    answer = admin.get(reverse("mail_in", args=[row.pk]))
    assert answer.status_code == 404
    assert "秘密" not in answer.content.decode()
    Channel.objects.filter(pk=channel.pk).update(team=User.objects.get(username="administrator").team)
    assert "秘密" in admin.get(reverse("mail_inbox")).content.decode()
    assert admin.get(reverse("mail_in", args=[row.pk])).status_code == 200
    people.override_access(
        actor=SYSTEM, role="administrator", object_name="message", action="view", scope=Scope.OWN,
        classes=["public", "contact"], now=NOON,
    )  # fmt: skip
    assert admin.get(reverse("mail_in", args=[row.pk])).status_code == 404


def test_a_channel_is_set_up_by_page_and_its_password_is_never_shown_again(sign_in):
    admin = sign_in("administrator")
    given = {
        "name": "客服邮箱", "address": "Support@example.com", "enabled": "on", "smtp_host": "127.0.0.1",
        "smtp_security": "plain", "smtp_password": "geheim-123", "per_minute": "30", "most_attempts": "8",
        "imap_security": "tls", "folder": "INBOX", "read_from": "new", "afterwards": "seen", "largest_mb": "40",
        "most_from_sender": "30", "own_domains": "example.com, example.net",
    }  # fmt: skip
    assert admin.post(reverse("mail_channel_create"), given).status_code == 302
    row = Channel.objects.get()
    assert (row.address, password_of(row, "smtp")) == ("support@example.com", "geheim-123")
    assert row.settings["own_domains"] == ["example.com", "example.net"]
    page = admin.get(reverse("mail_channel", args=[row.pk])).content.decode()
    assert "geheim-123" not in page
    assert (
        admin.post(reverse("mail_channel", args=[row.pk]), given | {"smtp_password": ""}).status_code == 302
    )
    row.refresh_from_db()
    assert password_of(row, "smtp") == "geheim-123"
    said = "".join(
        str(one.before) + str(one.after) for one in Entry.objects.filter(action__startswith="channel.")
    )
    assert "passwords_set" in said and "geheim" not in said
    assert admin.post(reverse("mail_channel_create"), given).status_code == 422


def test_a_channel_is_tried_out_by_page(office, imap, make_channel, sign_in):
    channel = make_channel(smtp=office.port, imap=imap.port)
    page = sign_in("administrator").post(reverse("mail_channel_check", args=[channel.pk])).content.decode()
    assert page.count("chip-ok") == 2
    assert "Post" in page
    assert office.arrived == []


def test_a_dead_letter_is_sent_again_or_dropped_by_page(make_channel, sign_in):
    channel = make_channel()
    one, two = (
        queue_message(actor=SYSTEM, channel=channel, to=["a@example.org"], subject=name, text="x", now=NOON)
        for name in ("一", "二")
    )
    OutMessage.objects.update(state="dead")
    admin = sign_in("administrator")
    admin.post(reverse("mail_out_retry", args=[one.pk]))
    admin.post(reverse("mail_out_drop", args=[two.pk]))
    assert list(OutMessage.objects.order_by("id").values_list("state", flat=True)) == ["queued", "dropped"]
    assert sign_in("auditor").post(reverse("mail_out_retry", args=[two.pk])).status_code == 403


@pytest.mark.parametrize(
    ("name", "declared", "data"),
    [
        ("page.html", "text/html", b"<script>alert(1)</script>"),
        ("picture.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("photo.png", "image/png", b"<html><script>alert(1)</script>"),
        ("notes.txt", "text/plain", b"  <!doctype html><script>alert(1)</script>"),
        ("run.exe", "application/pdf", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"),
    ],
)
def test_a_file_that_could_run_is_handed_out_as_bytes(
    make_channel, sign_in, name: str, declared: str, data: bytes
):
    row = came(make_channel(), mails.multipart(mails.part(declared, data, name)))
    answer = sign_in("administrator").get(reverse("mail_attachment", args=[row.pk, 1]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == data


def test_what_a_mail_says_is_text_on_our_pages(make_channel, sign_in):
    row = came(make_channel(), mails.simple(subject="<script>s()</script>", body="<img src=x onerror=b()>"))
    page = sign_in("administrator").get(reverse("mail_in", args=[row.pk])).content.decode()
    assert "<script>s()" not in page and "<img src=x" not in page


def test_a_wording_is_changed_previewed_and_restored(sign_in):
    admin = sign_in("administrator")
    address = reverse("mail_wording", args=["message_received", "zh-hans"])
    given = {"subject": "收到 {{ reference }}", "body": "您好 {{ company }}"}
    page = admin.post(address, given | {"only_preview": "1"}).content.decode()
    assert "收到 SR-20260302-0007" in page
    assert not MessageTemplate.objects.exists()
    assert admin.post(address, given | {"body": "{{ password }}"}).status_code == 422
    assert admin.post(address, given).status_code == 302
    assert MessageTemplate.objects.get().body == "您好 {{ company }}"
    admin.post(reverse("mail_wording_restore", args=["message_received", "zh-hans"]))
    assert not MessageTemplate.objects.exists()
    assert admin.get(reverse("mail_wording", args=["nothing", "en"])).status_code == 404


def test_mail_that_was_read_shows_its_words_in_english_too(make_channel, sign_in):
    row = came(make_channel(), mails.simple(message_id="<e@x>", extra="Auto-Submitted: auto-replied"))
    admin = sign_in("administrator")
    page = admin.get(reverse("mail_in", args=[row.pk])).content.decode()
    assert "自动回复" in page
    assert polling.EVERY.total_seconds() <= 60
