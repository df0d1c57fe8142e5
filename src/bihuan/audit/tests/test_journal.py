"""Searching the journal: who may, what is found, what is withheld, and that an export is an entry itself."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from bihuan.audit import labels
from bihuan.audit.models import Entry
from bihuan.audit.queries import PAGE, JournalFilter, differences, entries, page_of_entries
from bihuan.audit.reading import SecretReadMiddleware, note_read, record_read
from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM
from bihuan.people import services
from bihuan.people.access import STAFF
from bihuan.people.services import actor_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {
        role: services.create_user(actor=SYSTEM, username=role, name=role.title(), roles=[role], now=NOON)
        for role in ("auditor", "administrator", "manager")
    }


def found(reader, /, **wanted) -> list[str]:
    return [one.action for one in entries(reader, JournalFilter.read(wanted))]


def test_it_is_found_by_actor_action_object_period_and_words(people):
    auditor = actor_for(people["auditor"])
    manager = actor_for(people["manager"], "page", "10.9.9.9")
    record(manager, NOON + timedelta(days=3), "customer.edited", object_type="customer", object_id=7,
           object_name="华泰化工", before={"price": "1"}, after={"price": "密钥2"}, note="as agreed")  # fmt: skip
    record(SYSTEM, NOON + timedelta(days=5), "import.done", object_type="import", object_id=7)
    assert found(auditor, actor="manager") == ["customer.edited"]
    assert found(auditor, action="import.") == ["import.done"]
    assert found(auditor, object_type="customer", object_id="7") == ["customer.edited"]
    assert found(auditor, since="2026-03-06") == ["import.done"]
    assert found(auditor, since="2026-03-04", until="2026-03-05") == ["customer.edited"]
    for words in ("华泰", "agreed", "密钥2"):
        assert found(auditor, text=words) == ["customer.edited"], words
    assert found(auditor, since="not a day", action="customer") == ["customer.edited"]


def test_only_auditors_and_administrators_open_it(client, people):
    for role, status in (("auditor", 200), ("administrator", 200), ("manager", 404)):
        client.force_login(people[role])
        assert client.get("/journal/").status_code == status, role
        entry = Entry.objects.filter(action="staff.created")[0]
        assert client.get(f"/journal/{entry.pk}/").status_code == status, role
        assert client.get("/journal/export/").status_code == status, role


def test_secret_facts_are_withheld_from_administrators_also_in_search(people):
    entry = record(
        SYSTEM, NOON, "customer.edited", object_type="customer", object_id=7,
        before={"roles": ["a"], "recipe": "zinc"}, after={"roles": ["b"], "recipe": "lead"},
    )  # fmt: skip
    lines, withheld = differences(actor_for(people["administrator"]), entry)
    assert [one.field for one in lines] == ["roles"] and withheld == 1
    assert found(actor_for(people["administrator"]), text="zinc") == []
    lines, withheld = differences(actor_for(people["auditor"]), entry)
    assert [(one.field, one.before, one.after) for one in lines][1] == (
        "recipe",
        "zinc",
        "lead",
    ) and not withheld
    assert found(actor_for(people["auditor"]), text="zinc") == ["customer.edited"]


def test_pages_follow_each_other_without_gap_or_repeat(people):
    for number in range(PAGE * 2 + 3):
        record(SYSTEM, NOON, "import.done", object_type="import", object_id=number)
    auditor, seen, before = actor_for(people["auditor"]), [], None
    for _page in range(4):
        rows, before = page_of_entries(auditor, JournalFilter(action="import."), before)
        seen += [one.object_id for one in rows]
        if before is None:
            break
    assert seen == [str(number) for number in reversed(range(PAGE * 2 + 3))]


def test_an_export_is_an_entry_itself_and_carries_no_formulas(client, people):
    record(SYSTEM, NOON, "customer.edited", object_type="customer", object_name="=HYPERLINK(1)")
    client.force_login(people["auditor"])
    reply = client.get("/journal/export/?action=customer")
    lines = list(csv.DictReader(io.StringIO(reply.getvalue().decode("utf-8-sig"))))
    assert [one["object_name"] for one in lines] == ["'=HYPERLINK(1)"]
    last = Entry.objects.order_by("-id")[0]
    assert (last.action, last.actor_name, last.after) == (
        "journal.exported", "Auditor", {"format": "csv", "fields": {"action": "customer"}},
    )  # fmt: skip


def test_looking_at_a_secret_field_is_an_entry_once_a_request(people):
    actor, subject = actor_for(people["auditor"], "page", "10.0.0.1"), people["manager"]
    assert record_read(actor, NOON, subject, [STAFF.by_name["name"]]) is None

    def view(request: HttpRequest) -> HttpResponse:
        note_read(request, subject, STAFF.fields)
        note_read(request, subject, ["left_on"])
        return HttpResponse("shown", status=int(request.GET.get("status", "200")))

    before = Entry.objects.count()
    for status in ("200", "404"):
        request = HttpRequest()
        request.actor = actor  # type: ignore[attr-defined]
        request.GET = {"status": status}  # type: ignore[assignment]
        SecretReadMiddleware(view)(request)
    assert Entry.objects.count() == before + 1
    entry = Entry.objects.order_by("-id")[0]
    assert (entry.action, entry.object_id, entry.after) == (
        "secret.read", str(subject.pk), {"fields": ["last_login", "left_on"]},
    )  # fmt: skip


def test_fields_are_called_as_lists_and_forms_call_them_in_the_readers_language(client, people):
    entry = record(
        SYSTEM, NOON, "order.edited", object_type="order", object_id=7,
        before={"ordered_on": "2026-03-01", "gtin": ""}, after={"ordered_on": "2026-03-02", "gtin": "9520000", "unheard_of": 1},
    )  # fmt: skip
    reader = actor_for(people["auditor"])

    def called(language: str) -> list[tuple[str, str]]:
        with translation.override(language):
            return [(one.field, one.label) for one in differences(reader, entry)[0]]

    # One of an order, one that only another record has, one that nobody named.
    assert called("en") == [("ordered_on", "Date"), ("gtin", "GTIN"), ("unheard_of", "unheard_of")]
    assert called("zh-hans")[0] == ("ordered_on", "日期")
    client.force_login(people["auditor"])
    page = client.get(f"/journal/{entry.pk}/").content.decode()
    assert 'title="ordered_on">日期</th>' in page and ">unheard_of</th>" in page


def test_a_name_that_two_things_bear_is_no_label_for_a_third():
    assert len({str(one) for one in labels._anywhere()["number"]}) > 1
    with translation.override("en"):
        assert labels.field_label("nothing_known", "number") == "number"
        assert labels.field_label("lot", "number") == "Lot number"
        assert labels.field_label("lot_test", "verified_by_id") == "Verified by"
