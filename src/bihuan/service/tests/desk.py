"""A small company with a service desk, for tests: teams, people, customers; times in Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from bihuan.customers.models import Contact, Customer
from bihuan.customers.search import reindex_customers
from bihuan.kernel.actor import Actor
from bihuan.people.actors import actor_for
from bihuan.people.models import Team, User, UserRole
from bihuan.segmentation.models import Standing
from bihuan.service.models import Case
from bihuan.service.services import open_case

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """`at("03-02 09:30")` on the wall clock of Shanghai in 2026; 2 March is a Monday."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


NINE = at("03-02 09:00")


@dataclass
class Company:
    """`desk` is the agents' team below `region`, which a manager leads; `other` is elsewhere."""

    region: Team
    desk: Team
    other: Team
    people: dict[str, User]
    customer: Customer
    contact: Contact

    def actor(self, name: str) -> Actor:
        return actor_for(self.people[name])

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name])
        return client


def person(username: str, role: str, team: Team | None) -> User:
    user = User.objects.create_user(username, name=f"演示·{username}", team=team)
    UserRole.objects.create(user=user, role=role)
    return user


def customer_of(team: Team, owner: User, name: str = "演示宏远化工") -> Customer:
    row = Customer.objects.create(name=name, owner_a=owner, team=team, created_at=NINE, updated_at=NINE)
    reindex_customers([row.pk])
    return row


def build_company() -> Company:
    region = Team.objects.create(name="演示华东")
    desk = Team.objects.create(name="演示服务台", parent=region)
    other = Team.objects.create(name="演示华南")
    people = {
        "agent": person("agent", "service_agent", desk),
        "second": person("second", "service_agent", desk),
        "stranger": person("stranger", "service_agent", other),
        "seller": person("seller", "salesperson", region),
        "rival": person("rival", "salesperson", region),
        "quality": person("quality", "quality", None),
        "dispatcher": person("dispatcher", "dispatcher", None),
        "manager": person("manager", "manager", region),
        "director": person("director", "director", None),
    }
    customer = customer_of(region, people["seller"])
    Standing.objects.create(customer=customer, tier="A")
    contact = Contact.objects.create(customer=customer, name="演示·王工", created_at=NINE, updated_at=NINE)
    return Company(region, desk, other, people, customer, contact)


def opened(company: Company, now: datetime = NINE, by: str = "agent", **more: Any) -> Case:
    given: dict[str, Any] = {"text": "演示：反应釜内结晶，整线停产", "severity": 1} | more
    return open_case(
        actor=company.actor(by), customer=given.pop("customer", company.customer), now=now, **given
    )
