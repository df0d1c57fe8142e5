from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bihuan.kernel.actor import SYSTEM
from bihuan.messaging.models import Channel
from bihuan.messaging.services import save_channel

from . import servers

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[servers.PostOffice]:
    with servers.smtp_server() as one:
        yield one


@pytest.fixture(scope="session")
def one_imap() -> Iterator[servers.ImapServer]:
    with servers.imap_server() as one:
        yield one


@pytest.fixture
def imap(one_imap: servers.ImapServer) -> Iterator[servers.ImapServer]:
    """The server with an empty folder of the test's own, called Post."""
    client = one_imap.client()
    for folder in ("Post", "Done"):
        client.delete(folder)
    client.create("Post")
    client.logout()
    yield one_imap


@pytest.fixture
def make_channel(db: None, settings: Any, tmp_path: Any) -> Callable[..., Channel]:
    settings.HOME = tmp_path

    def make(
        *, smtp: int = 0, imap: int = 0, name: str = "客服", per_minute: int = 600, **more: Any
    ) -> Channel:
        return save_channel(
            actor=SYSTEM, channel=None, now=NOON, **channel_facts(smtp, imap, name, per_minute, **more)
        )

    return make


def channel_facts(smtp: int, imap: int, name: str, per_minute: int, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"address": "support@example.com", "sender_name": "闭环客服", "timeout": 5}
    if smtp:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": smtp, "smtp_security": "plain"}
    if imap:
        given |= {
            "imap_host": "127.0.0.1", "imap_port": imap, "imap_security": "plain", "imap_user": servers.USER,
            "folder": "Post", "read_from": "all",
        }  # fmt: skip
    passwords = {"imap": servers.PASSWORD} if imap else {}
    passwords |= more.pop("passwords", {})
    enabled = more.pop("enabled", True)
    return {
        "name": name, "enabled": enabled, "per_minute": per_minute, "settings": given | more, "passwords": passwords,
    }  # fmt: skip
