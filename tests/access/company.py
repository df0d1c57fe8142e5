"""The records of the planted company: three kinds of customer, and all that hangs on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.customers.duplicates.derived import derived_columns
from bihuan.customers.facts_catalogue import CATALOGUE
from bihuan.customers.models import (
    Contact,
    Customer,
    CustomerFact,
    CustomerRelation,
    CustomerTag,
    DuplicateCluster,
    DuplicateMember,
    Merge,
    Site,
    Tag,
)
from bihuan.customers.search import reindex_customers
from bihuan.integration.models import Import
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.analytics.registry import load_all
from bihuan.policy.outcome import Outcome, Part, Reason, canonical_bytes
from bihuan.rulebook.services import import_policy
from bihuan.sales.models import Order, OrderLine, Payment, Receivable
from bihuan.segmentation.models import Decision, MetricRow, Proposal, ProposalItem, Standing

from . import world as planting

if TYPE_CHECKING:
    from bihuan.rulebook.models import PolicyVersion

    from .world import Filler, World

# One metric of each class that there is; a reason quotes each of them.
QUOTED = {FieldClass.PUBLIC: "tenure_days", FieldClass.COMMERCIAL: "revenue_12m"}
# Facts of the customer's file, one of each class; metrics carry them as `facts.…`.
FACTS = ("certificates", "business_philosophy", "credit_rating")
POLICY = """
id: planted_tiers
kind: tier
version: 1
subject: customer
title: {zh-Hans: 等级, en: Tiers}
owner: x
reason: x
schedule: half_yearly
thresholds: {}
tiers:
  - id: a
    label: {zh-Hans: 甲, en: A}
    when: {metric: revenue_12m, gte: 1}
  - id: b
    label: {zh-Hans: 乙, en: B}
default: b
cases:
  - {name: one, given: {revenue_12m: 1}, expect: {tier: a}}
  - {name: more, given: {revenue_12m: 2}, expect: {tier: a}}
  - {name: none, given: {revenue_12m: 0}, expect: {tier: b}}
"""


HEALTH = """
id: planted_health
kind: health
version: 1
subject: customer
title: {zh-Hans: 健康, en: Health}
owner: x
reason: x
schedule: monthly
thresholds: {}
dimensions:
  - id: sales
    label: {zh-Hans: 销售, en: Sales}
    metric: revenue_12m
    weight: 100
    linear: [{at: 0, rating: 100}, {at: 100, rating: 0}]
score:
  label: {zh-Hans: 健康分, en: Health}
  scale: [0, 100]
tiers:
  - id: well
    label: {zh-Hans: 好, en: Well}
    colour: green
    when: {score: true, gte: 50}
  - id: ill
    label: {zh-Hans: 差, en: Ill}
    colour: red
default: ill
cases:
  - {name: one, given: {revenue_12m: 1}, expect: {tier: well}}
  - {name: more, given: {revenue_12m: 60}, expect: {tier: ill}}
  - {name: much, given: {revenue_12m: 100}, expect: {tier: ill}}
"""


def plant_company(world: World, filler: Filler) -> None:
    from .cases import plant_case
    from .correspondence import plant_mail
    from .depth import plant_duty, plant_green, plant_step_notices
    from .dispatch import lay_down_circle, plant_dispatch
    from .finding import make_findable
    from .investigations import lay_down_repeats, plant_investigation
    from .lots import plant_lot, plant_ways
    from .objections import plant_objection
    from .recalls import plant_recall, plant_strangers
    from .reviews import plant_reviews

    product = filler.fill(Product(), {})
    product.save()
    world.rows["product", "any"] = product
    tag = Tag.objects.create(code="zqtag", label="zqtaglabel")
    version = plant_policy(POLICY)
    plant_policy(HEALTH)
    proposal = Proposal.objects.create(
        policy_version=version, as_of=date(2026, 3, 1), proposed_by="x", created_at=planting.NOON
    )
    for whose in (*planting.POSTS, "team", "other"):
        customer = plant_customer(world, filler, whose)
        plant_around(world, filler, whose, customer, product, tag)
        plant_case(world, filler, whose, customer)
        plant_mail(world, filler, whose)
        plant_investigation(world, filler, whose, customer, product)
        plant_objection(world, filler, whose, product)
        plant_green(world, filler, whose, world.rows["case", whose])
        plant_step_notices(world, world.rows["investigation", whose])
        plant_dispatch(world, filler, whose)
        plant_lot(world, filler, whose, customer, product)
        plant_recall(world, filler, whose)
        plant_figures(world, filler, whose, customer, version, proposal)
    plant_strangers(world, filler)
    plant_ways(world, filler, product)
    lay_down_repeats()
    lay_down_circle()
    make_findable(world, filler)
    reindex_customers([row.pk for (name, _whose), row in world.rows.items() if name == "customer"])
    plant_relations(world)
    plant_reviews(world, filler)
    plant_staff(world)
    plant_duty(world)
    plant_entry(world, filler)
    plant_imports(world, filler)
    world.rows["proposal", "any"] = proposal
    world.rows["policy", "any"] = version


def plant_relations(world: World) -> None:
    """Each customer is related to the stranger's, and each has been the survivor of a merge."""
    other = world.rows["customer", "other"]
    for (name, _whose), row in list(world.rows.items()):
        if name == "customer":
            if row.pk != other.pk:
                CustomerRelation.objects.create(customer=row, other=other, kind="agent")
            Merge.objects.create(
                profile="company", winner_id=row.pk, loser_ids=[], merged_at=planting.NOON, merged_by="x"
            )


def plant_imports(world: World, filler: Filler) -> None:
    """An import of each post's person, of a team mate and of a stranger."""
    for whose in (*planting.POSTS, "team", "other"):
        person = world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"]
        row = Import(
            kind="customers",
            state=Import.State.DONE,
            filename=filler.word(),
            rows=8_100_003 + 7919 * filler.number(),
            started_by_id=person.pk,
            started_by=filler.word(),
            created_at=planting.NOON - timedelta(days=600 + filler.number()),
        )
        row.save()
        world.rows["import", whose] = row


def plant_staff(world: World) -> None:
    outsider = world.people["outsider"]
    outsider.deputy = world.people["mate"]
    outsider.left_on = date(1989, 3, 1)
    outsider.last_login = datetime(1989, 4, 2, 12, tzinfo=UTC)
    outsider.save()
    for name, team in world.teams.items():
        below = "team" if name in ("east", "shanghai") else "other"
        for whose in (below, *(planting.POSTS if name == "east" else ())):
            plant(world, "staff", f"tree:{name}", FieldClass.PUBLIC, team.name, team.pk, whose)
        # Whoever opens reviews may pick of which team, by its name.
        plant(world, "review", f"team:{name}", FieldClass.PUBLIC, team.name, team.pk, below)
    for name, whose in (("mate", "team"), ("clerk", "team"), ("stranger", "other"), ("outsider", "other")):
        person = world.people[name]
        plant(world, "staff", f"name:{name}", FieldClass.PUBLIC, person.name, person.pk, whose)
        plant(world, "journal", f"object_name:{name}", FieldClass.PUBLIC, person.name, person.pk, "")
    world.rows["staff", "other"] = outsider
    # Who owns no customer, so that no customer names them.
    world.rows["staff", "team"] = world.people["clerk"]


def plant_entry(world: World, filler: Filler) -> None:
    actor = Actor(kind="staff", name="zqjournalactor", address="zqaddress", via="page")
    quoted = {"before": filler.word(), "after": filler.word()}
    entry = record(
        actor,
        datetime(1989, 5, 3, 12, tzinfo=UTC),
        "zqdonewhat",
        object_type="zqtypeof",
        object_id="zq-object-id",
        object_name="zqobjectname",
        before={"zqsecretfield": quoted["before"]},
        after={"zqsecretfield": quoted["after"]},
        note=filler.word(),
    )
    for name, text in quoted.items():
        plant(world, "journal", name, FieldClass.SECRET, text, entry.pk, "")
    world.rows["journal", "any"] = entry


def plant_policy(text: str) -> PolicyVersion:
    return import_policy(document=yaml.safe_load(text), valid_from=date(2020, 1, 1), now=planting.NOON)


def plant_customer(world: World, filler: Filler, whose: str) -> Customer:
    """Own customers stand in a foreign team, so that nothing but ownership reaches them."""
    owner = world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"]
    team = world.teams["shanghai" if whose == "team" else "west"]
    given: dict[str, Any] = {
        "owner_a": owner,
        "owner_b": None,
        "team": team,
        "merged_into": None,
    }
    customer = filler.fill(Customer(), given)
    assert isinstance(customer, Customer)
    customer.phone = f"139{filler.number():08d}"
    for column, value in derived_columns(customer.name, customer.phone).items():
        setattr(customer, column, value)
    customer.updated_at = planting.NOON
    customer.save()
    world.rows["customer", whose] = customer
    return customer


def plant_around(
    world: World, filler: Filler, whose: str, customer: Customer, product: Any, tag: Tag
) -> None:
    for name, row in (("contact", Contact()), ("site", Site())):
        filler.fill(row, {"customer": customer, "is_active": True}).save()
        world.rows[name, whose] = row
    assert customer.team is not None
    plant(world, "customer", "team", FieldClass.PUBLIC, customer.team.name, customer.pk, whose)
    CustomerTag.objects.create(customer=customer, tag=tag)
    cluster = DuplicateCluster.objects.create(
        profile="company", probability=0.9, size=1, found_at=planting.NOON
    )
    DuplicateMember.objects.create(cluster=cluster, object_id=customer.pk)
    world.rows["duplicate", whose] = cluster
    order = Order()
    filler.fill(order, {"customer": customer, "line_count": 1}).save()
    world.rows["order", whose] = order
    line = OrderLine()
    given = {
        "order": order,
        "customer": customer,
        "product": product,
        "ordinal": 1,
        "ordered_on": order.ordered_on,
    }
    filler.fill(line, given).save()
    for name in ("code", "name", "unit"):
        plant(
            world, "order", f"line.product.{name}", FieldClass.PUBLIC, getattr(product, name), order.pk, whose
        )
    for name in ("price", "amount", "cost"):
        plant(
            world,
            "order",
            f"line.{name}",
            FieldClass.COMMERCIAL,
            str(int(getattr(line, name))),
            order.pk,
            whose,
        )
    for name, money in (("payment", Payment()), ("receivable", Receivable())):
        filler.fill(
            money, {"customer": customer, "order": order, "settled_on": None, "settled_amount": Decimal(0)}
        ).save()
        world.rows[name, whose] = money
    plant_elsewhere(world, whose, customer, order)
    for name in FACTS:
        spec = CATALOGUE[name]
        fact = CustomerFact(
            customer=customer, section=spec.section, name=name, value=filler.word(), as_of=date(2026, 1, 1)
        )
        fact.save()
        plant(world, "customer", f"facts.{name}", spec.field_class, fact.value, customer.pk, whose)


def plant_elsewhere(world: World, whose: str, customer: Customer, order: Order) -> None:
    """Values that another object shows by right: a figure lays open what it adds up, the journal says of whom."""
    receivable = world.rows["receivable", whose]
    plant(
        world, "metric", "arithmetic:order.ordered_on", FieldClass.PUBLIC, order.ordered_on.isoformat(),
        customer.pk, whose,
    )  # fmt: skip
    added_up = {
        "order.amount": str(int(order.amount)),
        "receivable.due_on": receivable.due_on.isoformat(),
        "receivable.amount": str(int(receivable.amount)),
    }
    for name, text in added_up.items():
        plant(world, "metric", f"arithmetic:{name}", FieldClass.COMMERCIAL, text, customer.pk, whose)
    plant(world, "journal", f"object_name:{customer.pk}", FieldClass.PUBLIC, str(customer), customer.pk, "")


def plant(
    world: World, object_name: str, name: str, field_class: FieldClass, text: str, record_id: int, whose: str
) -> None:
    owner = whose if whose in world.people else ""
    world.planted.append(
        planting.Planted(
            object_name, name, field_class, text, record_id, owner, "east" if whose == "team" else ""
        )
    )


def plant_figures(
    world: World, filler: Filler, whose: str, customer: Customer, version: PolicyVersion, proposal: Proposal
) -> None:
    """Metric values, and a decision and a candidate whose reasons quote values of their own."""
    values: dict[str, int] = {}
    for metric in load_all().metrics.values():
        if metric.unit in ("money", "quantity", "count", "days"):
            values[metric.name] = 8_100_003 + 7919 * filler.number()
            plant(
                world, "metric", metric.name, metric.field_class, str(values[metric.name]), customer.pk, whose
            )
    columns = {
        name: values[name]
        for name in ("revenue_12m", "margin_12m", "orders_12m", "recency_days", "overdue_amount")
    }
    texts: dict[str, str] = {}
    for name in FACTS:
        texts[f"facts.{name}"] = filler.word()
        field_class = CATALOGUE[name].field_class
        plant(world, "metric", f"facts.{name}", field_class, texts[f"facts.{name}"], customer.pk, whose)
    MetricRow.objects.create(customer=customer, as_of=date(2026, 3, 1), values={**values, **texts}, **columns)
    since = date(2003, 1, 1) + timedelta(days=filler.number() % 365)  # where no other planted date lies
    # The health is made of a commercial figure; it came down lately, as Today tells the owner.
    score = Decimal(f"{613 + 17 * sum(one.field == 'health' for one in world.planted)}.7")
    plant(world, "metric", "health", FieldClass.COMMERCIAL, str(score), customer.pk, whose)
    Standing.objects.create(
        customer=customer, tier="a", tier_rank=0, tier_since=since, health=score, health_state="ill",
        health_since=date(2026, 3, 1),
    )  # fmt: skip
    plant(world, "decision", "standing.since", FieldClass.PUBLIC, since.isoformat(), customer.pk, whose)
    world.rows["metric", whose] = customer
    outcomes = [plant_outcome(world, filler, whose, customer) for _twice in range(2)]
    item = ProposalItem.objects.create(
        proposal=proposal, customer=customer, to_tier="a", rises=True, inputs="{}", outcome=outcomes[0]
    )
    decision = Decision(policy_version=version, item=item)
    filler.fill(
        decision,
        {
            "customer": customer, "kind": "tier", "value": "a", "valid_from": date(2020, 1, 1), "valid_to": None,
            "policy_version": version, "item": item, "inputs": "{}", "outcome": outcomes[1],
            "decided_by_id": None, "decided_at": planting.NOON,
        },
    ).save()  # fmt: skip
    world.rows["decision", whose] = decision


def plant_outcome(world: World, filler: Filler, whose: str, customer: Customer) -> str:
    reasons = []
    for field_class, name in QUOTED.items():
        value = 8_100_003 + 7919 * filler.number()
        plant(world, "metric", f"reason:{name}", field_class, str(value), customer.pk, whose)
        params = {"name": name, "value": Decimal(value), "threshold": Decimal(1), "tier": "a"}
        reasons.append(
            Reason(
                role="holds",
                path="tiers.a",
                metric=name,
                metrics=(name,),
                value=Decimal(value),
                operator="gte",
                threshold=Decimal(1),
                tier="a",
                text=(Part("met.gte", params),),
            )
        )
    return canonical_bytes(Outcome("a", None, tuple(reasons))).decode()
