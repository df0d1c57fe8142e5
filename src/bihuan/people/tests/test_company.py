"""The company says once in whose name its papers are signed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.people.company import company_name, name_company
from bihuan.people.errors import PeopleError
from bihuan.people.services import create_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_company_is_named_once_and_the_journal_tells():
    assert company_name() == ""
    for _twice in range(2):
        name_company(actor=SYSTEM, name=" 演示  化工有限公司 ", now=NOON)
    assert company_name() == "演示 化工有限公司"
    assert Entry.objects.filter(action="company.named").count() == 1


@pytest.mark.parametrize("name", ["", "   ", "长" * 121])
def test_a_name_is_no_blank_and_fits_on_paper(name: str):
    with pytest.raises(PeopleError):
        name_company(actor=SYSTEM, name=name, now=NOON)


def test_only_who_administers_settings_names_it(client: Client):
    with pytest.raises(NotAllowed):
        name_company(actor=Actor(kind="staff", name="x"), name="演示", now=NOON)
    for role, status in (("salesperson", 404), ("administrator", 200)):
        client.force_login(
            create_user(actor=SYSTEM, username=role, name=role, roles=[role], team=None, now=NOON)
        )
        assert client.get(reverse("company")).status_code == status
    assert client.post(reverse("company"), {"name": "演示化工"}).status_code == 302
    assert "演示化工" in client.get(reverse("company")).content.decode()
    assert client.post(reverse("company"), {"name": ""}).status_code == 422
