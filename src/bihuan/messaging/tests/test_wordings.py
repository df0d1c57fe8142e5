"""Wordings, sealed passwords and the command."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bihuan.config.cli import main
from bihuan.kernel.actor import SYSTEM
from bihuan.messaging import sealing, services
from bihuan.messaging.channel_settings import password_of
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.queueing import reply_address
from bihuan.messaging.wordings import preview, render, templates, wording

from . import servers
from .conftest import NOON

pytestmark = pytest.mark.django_db
VALUES = {"reference": "SR-1", "subject": "酸度", "company": "演示化工", "respond_by": "15:00"}


def test_a_wording_is_filled_with_plain_values_once():
    values = VALUES | {"subject": "{{ company }}\r\nBcc: x@example.org"}
    said = render("message_received", values)
    assert said.subject == "已收到您的来信 [SR-1]：{{ company }} Bcc: x@example.org"
    assert said.body.endswith("演示化工")


def test_english_is_delivered_and_traditional_falls_back_to_the_simplified():
    assert render("message_received", VALUES, "en").subject.startswith("We have your mail")
    assert wording("message_received", "zh-hant") == wording("message_received")


def test_a_value_that_lacks_is_refused():
    with pytest.raises(MessagingError):
        render("message_received", {"reference": "SR-1"})


def test_every_delivered_wording_reads_with_its_examples():
    for template in templates().values():
        for one in template.wordings.values():
            assert "{{" not in preview(template, one).body


def test_the_companys_own_wording_counts_and_is_checked():
    with pytest.raises(MessagingError):
        services.save_wording(
            actor=SYSTEM,
            key="message_received",
            language="en",
            subject="x",
            body="{{ secret_key }}",
            now=NOON,
        )
    services.save_wording(
        actor=SYSTEM, key="message_received", language="en", subject="Got {{ reference }}", body="x", now=NOON
    )
    assert render("message_received", VALUES, "en").subject == "Got SR-1"


def test_a_sealed_password_opens_with_its_key_and_place_only(settings: Any):
    sealed = sealing.seal("geheim", "channel:1:smtp")
    assert sealing.unseal(sealed, "channel:1:smtp") == "geheim"
    with pytest.raises(MessagingError):
        sealing.unseal(sealed, "channel:2:smtp")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(MessagingError):
        sealing.unseal(sealed, "channel:1:smtp")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.unseal(sealed, "channel:1:smtp") == "geheim"


def test_one_password_serves_both_servers(make_channel):
    channel = make_channel(passwords={"smtp": "geheim"})
    assert password_of(channel, "imap") == "geheim"


def test_an_object_that_no_room_takes_has_no_address_of_its_own(make_channel):
    channel = make_channel()
    assert reply_address(channel, "nothing:1") == "support@example.com"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "a+b@example.com"}, "address"),
        ({"afterwards": "move"}, "move_to"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(make_channel, more: dict[str, Any], field: str):
    with pytest.raises(MessagingError) as refused:
        make_channel(**more)
    assert refused.value.field == field


def test_two_channels_do_not_read_one_mailbox(make_channel):
    make_channel(imap=1)
    with pytest.raises(MessagingError):
        make_channel(imap=1, name="二")


def test_the_command_tries_channels_out(office, make_channel, capsys):
    make_channel(smtp=office.port)
    assert main(["mail", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checks"][0]["works"] is True
    make_channel(smtp=servers.free_port(), name="坏的", address="b@example.com")
    assert main(["mail", "check"]) == 1
    assert main(["mail", "check", "没有"]) == 1
    assert "没有" in capsys.readouterr().err
