"""The pages of customers, asked as the right person, as the wrong team, and with nonsense."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.customers import services
from bihuan.customers.models import (
    Customer,
    CustomerFact,
    CustomerTag,
    DuplicateCluster,
    DuplicateMember,
    Merge,
    Tag,
)
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import run_job
from bihuan.kernel.models import BulkRun, Job
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_team, create_user

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def people() -> dict[str, User]:
    east, west = (create_team(actor=SYSTEM, name=name, now=NOON) for name in ("East", "West"))
    posts = {
        "seller": ("salesperson", east),
        "stranger": ("salesperson", west),
        "manager": ("manager", east),
        "reader": ("dispatcher", west),
        "director": ("director", None),
    }
    return {
        name: create_user(
            actor=SYSTEM, username=name, name=name.title(), roles=[role], team=team, now=NOON, language="en"
        )
        for name, (role, team) in posts.items()
    }


@pytest.fixture
def customer(people: dict[str, User]) -> Customer:
    row = services.create_customer(
        actor=actor_for(people["seller"]),
        name="三明示例化工有限公司",
        contact_name="张三",
        phone="13800000001",
        now=NOON,
    )
    Customer.objects.filter(pk=row.pk).update(note="只给商务看", phone="059812345")
    for name, value in (("credit_limit", "保密额度"), ("innovation", 77)):
        section = "credit" if name == "credit_limit" else "capability"
        CustomerFact.objects.create(
            customer=row, section=section, name=name, value=value, as_of=date(2026, 1, 1)
        )
    return row


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def whole(client: Client, customer: Customer) -> str:
    addresses = [f"/customers/{customer.pk}/"] + [
        f"/panels/customer/{customer.pk}/?place={one}" for one in ("main", "side")
    ]
    return "".join(client.get(one).content.decode() for one in addresses)


def test_each_sees_of_a_customer_what_the_table_grants(people: dict[str, User], customer: Customer):
    seen = {name: whole(signed_in(user), customer) for name, user in people.items() if name != "stranger"}
    for name, text in seen.items():
        assert "三明示例化工有限公司" in text and "13800000001" in text, name
        assert ("只给商务看" in text) == (name != "reader"), name
        assert ("保密额度" in text) == (name == "director"), name
        assert ("could not be shown" in text) is False, name
    assert "77" in seen["seller"] and "Innovation" not in seen["reader"]
    assert Entry.objects.filter(action="secret.read", object_id=str(customer.pk)).count() == 1


PATHS = (
    "/customers/{pk}/", "/customers/{pk}/edit/", "/customers/{pk}/note/", "/customers/{pk}/tags/",
    "/customers/{pk}/contacts/new/", "/customers/{pk}/sites/new/", "/customers/{pk}/relations/new/",
    "/customers/{pk}/competitors/", "/customers/{pk}/facts/", "/contacts/{contact}/",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_another_teams_customer_is_not_there(people: dict[str, User], customer: Customer, path: str):
    address = path.format(pk=customer.pk, contact=customer.contacts.get().pk)
    stranger, owner = signed_in(people["stranger"]), signed_in(people["seller"])
    assert owner.get(address).status_code == 200
    assert stranger.get(address).status_code == 404
    if not path.endswith("{pk}/"):
        assert stranger.post(address, {"name": "x", "text": "x", "value": "1"}).status_code == 404
        assert signed_in(people["reader"]).get(address).status_code == 403
    assert Customer.objects.get(pk=customer.pk).name == "三明示例化工有限公司"


def test_the_list_shows_what_one_reaches_and_filters_it(people: dict[str, User], customer: Customer):
    tag = Tag.objects.create(code="big", label="大客户", label_en="Large")
    CustomerTag.objects.create(customer=customer, tag=tag)
    seller, stranger = signed_in(people["seller"]), signed_in(people["stranger"])
    assert "三明示例" in seller.get("/customers/").content.decode()
    assert "三明示例" not in stranger.get("/customers/").content.decode()
    narrowed = seller.get(
        f"/customers/?mine=1&tag={tag.pk}&status=prospect&owner_a={people['seller'].pk}&q=smsl"
    ).content.decode()
    assert "三明示例" in narrowed and "Large" in narrowed
    assert "三明示例" not in seller.get("/customers/?owner_a=-").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "owner_a=x&owner_a=99999999999999999999", "tag=%00", "completeness.from=abc", "completeness.to=1e999",
        "customer_since.from=2026-13-45", "sort=nothing", "sort=-tag", "after=%F0%9F%92%A9", "q=%00%27%22*", "columns=a,b,name",
        "industry=" + "x" * 3000, "mine=2", "tier=nothing", "revenue_12m.from=NaN",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_left_out(people: dict[str, User], customer: Customer, query: str):
    assert signed_in(people["director"]).get(f"/customers/?{query}").status_code == 200


def test_a_new_customer_takes_one_box_and_warns_of_its_like(people: dict[str, User], customer: Customer):
    client = signed_in(people["seller"])
    warned = client.get("/customers/similar/", {"name": "三明示例化工"}, headers=PARTIAL).content.decode()
    assert "三明示例化工有限公司" in warned
    assert (
        "check digit"
        in client.get("/customers/similar/", {"credit_code": "91110000600037341M"}).content.decode()
    )
    reply = client.post("/customers/new/", {"name": "三明示例化工"}, headers=PARTIAL)
    assert reply.status_code == 422 and "sure" in reply.content.decode()
    reply = client.post("/customers/new/", {"name": "三明示例化工", "sure": "1"}, headers=PARTIAL)
    made = Customer.objects.latest("pk")
    assert reply.headers["HX-Redirect"] == f"/customers/{made.pk}/" and made.owner_a == people["seller"]
    assert (
        "三明示例"
        not in signed_in(people["stranger"])
        .get("/customers/similar/", {"name": "三明示例化工"})
        .content.decode()
    )
    assert (
        client.post("/customers/new/", {"name": "x", "credit_code": "1"}, headers=PARTIAL).status_code == 422
    )


def test_editing_saves_and_a_mistake_keeps_what_was_typed(people: dict[str, User], customer: Customer):
    client = signed_in(people["seller"])
    given = {"name": "三明新名", "status": "active", "city": "三明", "version": 1}
    assert client.post(f"/customers/{customer.pk}/edit/", {**given, "email": "nothing"}).status_code == 422
    assert (
        "三明新名"
        in client.post(f"/customers/{customer.pk}/edit/", {**given, "credit_code": "1"}).content.decode()
    )
    reply = client.post(f"/customers/{customer.pk}/edit/", given)
    assert reply.status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.status, customer.owner_a) == ("三明新名", "active", people["seller"])
    assert client.post(f"/customers/{customer.pk}/edit/", {**given, "city": "x"}).status_code == 422
    page = whole(client, customer)
    assert "三明示例化工有限公司" in page and "Former name" in page


def test_a_panel_comes_anew_after_its_dialog(people: dict[str, User], customer: Customer):
    client = signed_in(people["seller"])
    base = f"/customers/{customer.pk}"
    reply = client.post(f"{base}/contacts/new/", {"name": "李四", "chain_role": "decider"}, headers=PARTIAL)
    assert reply.headers["HX-Retarget"] == "#panel-chain" and "李四" in reply.content.decode()
    reply = client.post(
        f"{base}/facts/", {"name": "Innovation", "section": "potential", "value": "88"}, headers=PARTIAL
    )
    assert "88" in reply.content.decode()
    assert CustomerFact.objects.filter(name="innovation", value=88).exists()
    reply = client.post(
        f"{base}/facts/", {"name": "credit_limit", "section": "potential", "value": "88"}, headers=PARTIAL
    )
    assert reply.status_code == 403
    reply = client.post(f"{base}/note/", {"text": "下周再访"}, headers=PARTIAL)
    assert reply.headers["HX-Redirect"] == f"{base}/"
    customer.refresh_from_db()
    assert customer.note.endswith("Seller: 下周再访\n只给商务看")
    assert (
        client.post(f"{base}/relations/new/", {"kind": "agent", "other": "999"}, headers=PARTIAL).status_code
        == 422
    )


def test_a_merged_customers_address_leads_to_the_survivor(people: dict[str, User], customer: Customer):
    actor = actor_for(people["seller"])
    gone = services.create_customer(actor=actor, name="被并的", now=NOON)
    Customer.objects.filter(pk=gone.pk).update(merged_into=customer)
    client = signed_in(people["seller"])
    assert client.get(f"/customers/{gone.pk}/")["Location"] == f"/customers/{customer.pk}/"
    assert "被并的" not in client.get("/customers/").content.decode()
    assert client.post(f"/customers/{gone.pk}/note/", {"text": "x"}).status_code == 404


def test_handing_over_says_how_many_and_offers_the_way_back(people: dict[str, User], customer: Customer):
    client, seller = signed_in(people["manager"]), people["seller"]
    assert "1 customer" in client.get(f"/customers/hand-over/count/?leaver={seller.pk}").content.decode()
    assert client.get("/customers/hand-over/count/?leaver=x").status_code == 200
    reply = client.post("/customers/hand-over/", {"leaver": seller.pk, "to": [people["manager"].pk]})
    run = BulkRun.objects.get()
    assert f"/bulk/{run.pk}/undo/" in reply.content.decode()
    customer.refresh_from_db()
    assert customer.owner_a == people["manager"]
    assert (
        client.post("/customers/hand-over/", {"leaver": people["stranger"].pk, "to": [seller.pk]}).status_code
        == 422
    )
    assert signed_in(seller).get("/customers/hand-over/").status_code == 403


def test_the_palette_finds_customers_and_offers_a_new_one(people: dict[str, User], customer: Customer):
    found = signed_in(people["seller"]).get("/palette/?q=smslhg").content.decode()
    assert f"/customers/{customer.pk}/" in found
    assert "/customers/new/" in signed_in(people["seller"]).get("/palette/?q=new customer").content.decode()
    assert (
        "/customers/new/" not in signed_in(people["reader"]).get("/palette/?q=new customer").content.decode()
    )


# Queries of a page: session and person, and what the comment says. A higher number needs a reason.
BASELINES = {
    "/customers/": 7,  # rows, count (not on one page), words, names, saved views, tiers' names
    "/customers/{pk}/": 8,  # customer, standing, overdue, may edit
    "/panels/customer/{pk}/?place=main": 10,  # customer; one a panel, two for receivables
    "/customers/{pk}/edit/": 10,
}


@pytest.mark.parametrize("path", BASELINES)
def test_a_page_keeps_its_number_of_queries(
    people: dict[str, User], customer: Customer, path: str, django_assert_max_num_queries
):
    client = signed_in(people["director"])
    address = path.format(pk=customer.pk)
    client.get(address)
    with django_assert_max_num_queries(BASELINES[path]):
        assert client.get(address).status_code == 200


def test_merging_side_by_side_as_proposed_loses_no_value(people: dict[str, User], customer: Customer):
    other = services.create_customer(
        actor=actor_for(people["seller"]), name="三明示例化工", despite_similar=True, now=NOON
    )
    Customer.objects.filter(pk=other.pk).update(website="example.com", owner_b=people["seller"])
    row = DuplicateCluster.objects.create(profile="company", probability=0.9, size=2, found_at=NOON)
    row.members.bulk_create([DuplicateMember(cluster=row, object_id=one.pk) for one in (customer, other)])
    client = signed_in(people["director"])
    page = client.get(f"/duplicates/{row.pk}/").content.decode()
    ticked = dict(re.findall(r'name="(winner|keep\.\w+)" value="(\d+)" checked', page))
    assert ticked["winner"] == str(customer.pk)  # a contact hangs on it
    assert ticked["keep.website"] == str(other.pk)
    client.post(f"/duplicates/{row.pk}/merge/", ticked)
    customer.refresh_from_db()
    assert (customer.website, customer.phone) == ("example.com", "059812345")
    assert (customer.owner_a, customer.owner_b) == (people["seller"], None)


def test_many_groups_are_merged_by_a_job_that_says_how_many(people: dict[str, User]):
    client = signed_in(people["director"])
    for number in range(31):
        pair = [
            services.create_customer(
                actor=SYSTEM, name=f"演示{number}号化工{end}", despite_similar=True, now=NOON
            )
            for end in ("有限公司", "厂")
        ]
        row = DuplicateCluster.objects.create(
            profile="company", probability=1.0, is_certain=True, size=2, found_at=NOON
        )
        row.members.bulk_create([DuplicateMember(cluster=row, object_id=one.pk) for one in pair])
    answer = client.post("/duplicates/many/", {"extent": "certain", "profile": "company"}, headers=PARTIAL)
    assert answer.status_code == 200
    job = Job.objects.get(kind="customers.merge_duplicates")
    run_job(job, clock=lambda: NOON)
    job.refresh_from_db()
    assert job.result is not None
    assert (job.state, job.result["merged"], job.done, job.total) == ("done", 31, 31, 31)
    assert Customer.objects.filter(merged_into=None).count() == 31
    assert set(Merge.objects.values_list("merged_by", flat=True)) == {people["director"].name}
