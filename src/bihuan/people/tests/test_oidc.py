"""Signing in by OpenID Connect against a real provider on the loopback: people are found, never made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WALK = Path(__file__).with_name("oidc_walk.py")
PEOPLE = (
    {"username": "li", "email": "li@example.com"},
    {"username": "twin", "email": "twin@example.com"},
    {"username": "other", "email": "twin@example.com"},
)
UNKNOWN = (403, None, "sign_in.unknown_person")
# What happens, provider, claims, and the answer: status, who is signed in, what the journal says last.
WALKS: dict[str, tuple[str, dict[str, Any], tuple[int, str | None, str]]] = {
    "an address that nobody verified does not open": (
        "company", {"sub": "8", "email": "li@example.com", "email_verified": False}, UNKNOWN,
    ),
    "nor does a sign-in name, unless the settings say so": (
        "company", {"sub": "9", "email": "who@example.com", "email_verified": True, "preferred_username": "li"}, UNKNOWN,
    ),
    "a verified address opens": (
        "company", {"sub": "7", "email": "LI@example.com", "email_verified": True}, (302, "li", "sign_in.done"),
    ),
    "once connected, the number at the provider is enough": ("company", {"sub": "7"}, (302, "li", "sign_in.done")),
    "two people with one address are nobody": (
        "company", {"sub": "6", "email": "twin@example.com", "email_verified": True}, UNKNOWN,
    ),
    "a sign-in name opens where the settings say so": (
        "names", {"sub": "70", "preferred_username": "LI"}, (302, "li", "sign_in.done"),
    ),
    "an empty name fits nobody": ("names", {"sub": "71", "preferred_username": ""}, UNKNOWN),
    "a pattern fits nobody": ("names", {"sub": "72", "preferred_username": "%"}, UNKNOWN),
    "a part of a name fits nobody": ("names", {"sub": "73", "preferred_username": "l"}, UNKNOWN),
}  # fmt: skip


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[Path], Path]
) -> dict[str, tuple[int, str | None, str]]:
    home = migrated(tmp_path_factory.mktemp("oidc"))
    environment = {**os.environ, "BIHUAN_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("BIHUAN_DATABASE_URL", None)
    asked = {"people": PEOPLE, "walks": [[provider, claims] for provider, claims, _answer in WALKS.values()]}
    ended = subprocess.run(
        [sys.executable, str(WALK)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    return {
        what: (one["status"], one["user"], one["journal"]) for what, one in zip(WALKS, lines, strict=True)
    }


@pytest.mark.parametrize("what", WALKS)
def test_sign_in_by_openid_connect(walked: dict[str, tuple[int, str | None, str]], what: str):
    assert walked[what] == WALKS[what][2]
