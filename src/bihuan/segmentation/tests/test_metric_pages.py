"""Metrics as people meet them: pages, dialog, commands, each as far as the post sees."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from bihuan.config.cli import main
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, FieldClass, NotAllowed
from bihuan.kernel.analytics.changes import mark_changed
from bihuan.kernel.analytics.registry import load_all
from bihuan.kernel.models import Job
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.segmentation.models import MetricRow
from bihuan.segmentation.panels_metrics import metrics_panel
from bihuan.segmentation.queries import current_values, get_state, metric_definitions
from bihuan.segmentation.refreshing import ensure_fresh, is_stale, refresh_metrics

from .made_sales import DAYS, FIRST, NOW, make_sales

DAY = FIRST + timedelta(days=DAYS)
pytestmark = pytest.mark.django_db(transaction=True)


def person(username: str, role: str) -> User:
    return create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=(role,), language="en", now=NOW
    )


@pytest.fixture
def company(lake: Path) -> Customer:
    """Values of a made company; the customer returned belongs to `seller`, no other does."""
    make_sales(11, customers=12, orders=150)
    refresh_metrics(actor=SYSTEM, as_of=DAY, now=NOW)
    customer = Customer.objects.order_by("pk").first()
    assert customer is not None
    customer.owner_a = person("seller", "salesperson")
    customer.save()
    return customer


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def command(*words: str) -> tuple[int, list[Any]]:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        status = main(list(words))
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_definitions_are_read_by_whoever_sees_their_class(company: Customer) -> None:
    director, agent = signed_in(person("boss", "director")), signed_in(person("agent", "service_agent"))
    page = director.get("/metrics/").content.decode()
    assert all(name in page for name in load_all().metrics)
    open_to_agent = agent.get("/metrics/").content.decode()
    assert "tenure_days" in open_to_agent
    assert "revenue_12m" not in open_to_agent
    assert "facts.annual_purchases" not in open_to_agent
    assert director.get("/metrics/revenue_12m/").status_code == 200
    assert director.get("/metrics/abc_class/").status_code == 200
    assert director.get("/metrics/facts.credit_grade/").status_code == 200
    assert director.get("/metrics/unheard_of/").status_code == 404
    assert agent.get("/metrics/revenue_12m/").status_code == 404
    assert agent.get("/metrics/tenure_days/").status_code == 200


def test_a_figure_opens_for_its_owner_and_does_not_exist_for_others(company: Customer) -> None:
    seller = signed_in(User.objects.get(username="seller"))
    agent = signed_in(person("agent", "service_agent"))
    other = Customer.objects.exclude(pk=company.pk).first()
    assert other is not None
    for name in [*load_all().metrics, "facts.employees"]:
        assert seller.get(f"/customers/{company.pk}/metrics/{name}/").status_code == 200, name
        assert seller.get(f"/customers/{other.pk}/metrics/{name}/").status_code == 404
    dialog = seller.get(f"/customers/{company.pk}/metrics/revenue_12m/", headers={"HX-Request": "true"})
    assert "<html" not in dialog.content.decode()
    assert agent.get(f"/customers/{company.pk}/metrics/tenure_days/").status_code == 200
    assert agent.get(f"/customers/{company.pk}/metrics/revenue_12m/").status_code == 404


def test_who_may_compute_starts_a_job(company: Customer) -> None:
    assert signed_in(User.objects.get(username="seller")).post("/metrics/refresh/").status_code == 403
    assert not Job.objects.exists()
    reply = signed_in(person("boss", "director")).post("/metrics/refresh/")
    assert reply.status_code == 302
    assert Job.objects.get().kind == "segmentation.refresh_metrics"
    with pytest.raises(NotAllowed):
        refresh_metrics(actor=actor_for(User.objects.get(username="seller")), now=NOW)


def test_the_commands_say_what_the_contract_says(company: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())
    status, listed = command("metrics", "list", "--json")
    assert status == 0
    assert set(load_all().metrics) <= {one["name"] for one in listed}
    assert all(set(one) == {"name", "unit", "room", "formula"} for one in listed)
    status, (done,) = command("metrics", "refresh", "--as-of", DAY.isoformat(), "--json")
    assert set(done) == {"as_of", "customers", "metrics", "seconds"}
    assert (status, done["as_of"], done["customers"]) == (0, DAY.isoformat(), 12)
    status, (shown,) = command("customer", "show", "K0", "--json")
    assert status == 0
    assert set(shown) == {"external_id", "name", "owners", "tier", "health", "metrics"}
    assert shown["owners"] == {"a": "Seller", "b": None}
    stored = MetricRow.objects.get(customer=company)
    assert shown["metrics"]["revenue_12m"] == f"{stored.revenue_12m.normalize():f}"
    assert isinstance(shown["metrics"]["orders_12m"], int)
    assert shown["metrics"].keys() >= load_all().metrics.keys()


def test_a_command_acts_for_its_user(company: Customer) -> None:
    person("agent", "service_agent")
    status, (shown,) = command("--user", "agent", "customer", "show", "K0", "--json")
    assert status == 0
    open_to_agent = {
        one.name
        for one in metric_definitions(SYSTEM)
        if one.field_class in (FieldClass.PUBLIC, FieldClass.CONTACT)
    }
    assert shown["metrics"].keys() == open_to_agent
    assert open_to_agent & load_all().metrics.keys() == {"tenure_days", "tenure_years"}
    assert command("--user", "seller", "customer", "show", "K0", "--json")[0] == 0
    assert command("--user", "seller", "customer", "show", "K1", "--json") == (1, [])
    assert command("customer", "show", "nobody", "--json") == (1, [])
    status, listed = command("--user", "agent", "metrics", "list", "--json")
    assert {one["name"] for one in listed} == open_to_agent


def test_values_that_fell_behind_refresh_themselves_as_of_their_date(company: Customer) -> None:
    state = get_state()
    assert state is not None and state["pinned"]
    later = datetime(2026, 4, 2, tzinfo=UTC)
    assert not is_stale(later)
    mark_changed("order_lines", ["2025-01"], now=later)
    assert is_stale(later)
    assert ensure_fresh(actor=SYSTEM, now=later)["as_of"] == DAY.isoformat()
    assert not is_stale(later)
    refresh_metrics(actor=SYSTEM, now=later)
    assert get_state()["as_of"] == date(2026, 4, 2).isoformat()  # type: ignore[index]
    assert not is_stale(later)
    assert is_stale(later + timedelta(days=1))


def test_a_metric_has_the_strictest_class_of_its_columns(company: Customer) -> None:
    datasets = load_all().datasets
    classes = {
        f"{dataset.name}.{column.name}": column.field_class
        for dataset in datasets.values()
        for column in dataset.columns
    }
    for metric in load_all().metrics.values():
        if metric.needs:
            continue
        dataset = ""
        for part in metric.source.split(", "):
            dataset, _, column = part.rpartition(".") if "." in part else (dataset, "", part)
            strict = classes[f"{dataset}.{column}"]
            assert strict in (FieldClass.PUBLIC, metric.field_class), metric.name
    derived = [one for one in load_all().metrics.values() if one.needs]
    for metric in derived:
        for need in metric.needs:
            assert load_all().metrics[need].field_class in (FieldClass.PUBLIC, metric.field_class)


def test_the_system_sees_every_metric_of_a_customer(company: Customer) -> None:
    names = {one.name for one in metric_definitions(SYSTEM)}
    assert set(current_values(SYSTEM, company)) <= names
    assert {"facts.annual_purchases", "facts.credit_grade"} <= names


def test_the_panel_shows_figures_with_one_query(
    company: Customer, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        built = metrics_panel(SYSTEM, company, rf.get("/"))
    html = render_to_string("segmentation/panels/metrics.html", {**built, "subject": company, "panel": {}})
    assert f"/customers/{company.pk}/metrics/revenue_12m/" in html
    named = {cell["metric"].name for group in built["groups"] for cell in group["cells"]}
    assert named <= set(load_all().metrics)
    agent = metrics_panel(actor_for(person("agent", "service_agent")), company, rf.get("/"))
    assert [cell["metric"].name for group in agent["groups"] for cell in group["cells"]] == ["tenure_years"]
