"""A person becomes an actor with the rights of the posts held, at one query."""

import argparse
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from bihuan.kernel.actor import FieldClass, Scope
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.jobs import run_job, start_job, take_next_job
from bihuan.people import actors
from bihuan.people.console import actor_of_command
from bihuan.people.models import AccessOverride, Team, User, UserRole
from bihuan.people.services import actor_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def person(name: str, *roles: str, team: Team | None = None) -> User:
    user = User.objects.create_user(name, None, name=name, team=team)
    UserRole.objects.bulk_create(UserRole(user=user, role=role) for role in roles)
    return user


def test_a_salesperson_reaches_own_customers_with_prices_and_without_test_results():
    actor = actor_for(person("li", "salesperson"), "page", "10.0.0.7")
    grant = actor.grant("customer")
    assert grant.scope is Scope.OWN
    assert grant.classes == {FieldClass.PUBLIC, FieldClass.CONTACT, FieldClass.COMMERCIAL}
    assert (actor.via, actor.address, actor.key) == ("page", "10.0.0.7", f"staff:{actor.user_id}")
    assert not actor.may("journal")


def test_technicians_and_salespeople_never_see_each_others_fields():
    technical = actor_for(person("wu", "technical"))
    sales = actor_for(person("li", "salesperson"))
    for object_name, action in {**technical.grants, **sales.grants}:
        assert FieldClass.COMMERCIAL not in technical.classes(object_name, action)
        assert FieldClass.TECHNICAL not in sales.classes(object_name, action)


def test_two_posts_never_lend_each_other_their_reach():
    both = actor_for(person("he", "salesperson", "technical"))
    assert both.scope("customer") is Scope.ALL
    assert FieldClass.COMMERCIAL not in both.classes("customer")
    assert FieldClass.COMMERCIAL in both.classes("payment")


def test_a_team_reaches_down_the_tree_and_not_up():
    top = Team.objects.create(name="China")
    east = Team.objects.create(name="East", parent=top)
    south = Team.objects.create(name="South", parent=top)
    shanghai = Team.objects.create(name="Shanghai", parent=east)
    assert actor_for(person("chief", "manager", team=top)).team_ids == {
        top.pk,
        east.pk,
        south.pk,
        shanghai.pk,
    }
    assert actor_for(person("east", "manager", team=east)).team_ids == {east.pk, shanghai.pk}
    assert actor_for(person("none", "manager")).team_ids == frozenset()


def test_rights_cost_one_query_once_the_company_is_known(django_assert_num_queries):
    user = person("li", "salesperson", team=Team.objects.create(name="East"))
    actors.renew_stamp(NOON)
    actor_for(user)
    with django_assert_num_queries(1):
        assert actor_for(user).may("customer")


def test_an_override_counts_as_soon_as_the_stamp_is_renewed():
    user = person("li", "salesperson")
    actors.renew_stamp(NOON)
    assert actor_for(user).scope("customer") is Scope.OWN
    AccessOverride.objects.create(
        role="salesperson", object_name="customer", action="view", scope=Scope.ALL, classes=["public"],
        updated_at=NOON,
    )  # fmt: skip
    actors.renew_stamp(NOON)
    grant = actor_for(user).grant("customer")
    assert (grant.scope, grant.classes) == (Scope.ALL, {FieldClass.PUBLIC})


def test_who_is_not_signed_in_or_has_left_has_no_rights():
    left = person("gone", "director")
    left.is_active = False
    left.save()
    for actor in (actor_for(AnonymousUser()), actor_for(left)):
        assert not actor.grants
        assert not actor.may("customer")


def test_a_command_acts_as_the_named_person_and_else_as_the_system():
    person("li", "salesperson")
    actor = actor_of_command(argparse.Namespace(user="LI"))
    assert (actor.name, actor.via, actor.scope("customer")) == ("li", "cli", Scope.OWN)
    assert actor_of_command(argparse.Namespace(user=None)).key == "system"
    with pytest.raises(CommandRefused) as refused:
        actor_of_command(argparse.Namespace(user="nobody"))
    assert refused.value.status == 2


def test_a_job_runs_with_the_rights_of_whoever_started_it():
    from bihuan.kernel import jobs

    seen = []

    def look(run: jobs.JobRun) -> None:
        seen.append(run.actor)

    jobs._functions["test.rights"] = look
    try:
        start_job(actor=actor_for(person("li", "salesperson")), kind="test.rights", now=NOON)
        row = take_next_job(NOON)
        assert row is not None
        run_job(row, clock=lambda: NOON)
    finally:
        jobs._functions.pop("test.rights")
    assert (seen[0].name, seen[0].via, seen[0].scope("customer")) == ("li", "job", Scope.OWN)
