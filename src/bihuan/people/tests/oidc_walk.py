"""Run by `test_oidc` in a process of its own, because providers are settings: signs in and says who is in.

Standard input: `{"people": [{"username", "email"}], "walks": [[provider, claims]]}`; the provider `company` matches
by mail address, `names` by sign-in name. Standard output: for each walk, a JSON line with status, who is signed in,
and the journal's last action.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import HTTPErrorProcessor, build_opener

sys.path.insert(0, str(Path(__file__).parent))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Stay(HTTPErrorProcessor):
    def http_response(self, request, response):
        return response

    https_response = http_response


def run() -> None:
    from oidc_provider import Provider  # type: ignore[import-not-found]

    asked = json.load(sys.stdin)
    provider = Provider({})
    apps = [
        {
            "provider_id": name,
            "name": name,
            "client_id": "bihuan",
            "secret": "secret",
            "settings": {"server_url": provider.issuer, **more},
        }
        for name, more in (("company", {}), ("names", {"match": "preferred_username"}))
    ]
    os.environ["BIHUAN_OIDC"] = json.dumps(apps)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    from bihuan.audit.models import Entry
    from bihuan.kernel.actor import SYSTEM
    from bihuan.people import services
    from bihuan.people.models import User

    for one in asked["people"]:
        services.create_user(actor=SYSTEM, name=one["username"], roles=["salesperson"], now=NOON, **one)
    for name, claims in asked["walks"]:
        provider.claims = claims
        client = Client()
        button = f"/accounts/oidc/{name}/login/"
        assert button in client.get("/accounts/login/").content.decode()
        there = client.post(button + "?process=login")["Location"]
        back = build_opener(Stay).open(there).headers["Location"]
        path = back.split("testserver", 1)[1]
        answer = client.get(path)
        user = User.objects.filter(pk=client.session.get("_auth_user_id") or 0).first()
        last = Entry.objects.order_by("-id")[0]
        print(
            json.dumps({"status": answer.status_code, "user": user and user.username, "journal": last.action})
        )


if __name__ == "__main__":
    run()
