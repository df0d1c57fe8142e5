"""Changing people, teams and rights: what is refused, and that each change is in the journal."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, NotAllowed, Scope
from bihuan.kernel.models import OutboxEvent
from bihuan.people import services
from bihuan.people.models import AccessOverride, User
from bihuan.people.services import PeopleError, actor_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = "Acid-Wagon-41"
pytestmark = pytest.mark.django_db


def make(username: str, *roles: str, **more) -> User:
    return services.create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=roles, now=NOON, **more
    )


@pytest.fixture
def boss():
    return actor_for(make("boss", "administrator"))


def last() -> Entry:
    entry = Entry.objects.order_by("-id").first()
    assert entry is not None
    return entry


def test_a_new_person_can_sign_in_only_after_a_password_was_set(boss):
    user = services.create_user(actor=boss, username="li", name="李", roles=["salesperson"], now=NOON)
    assert not user.has_usable_password()
    entry = last()
    assert entry.after is not None
    assert (entry.action, entry.after["roles"], entry.actor_name) == (
        "staff.created",
        ["salesperson"],
        "Boss",
    )
    services.set_password(actor=boss, user=user, password=GOOD, now=NOON)
    assert user.check_password(GOOD)
    assert GOOD not in str(Entry.objects.values_list("after", flat=True))


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaa", "password1234", "lixiaoming88"])
def test_a_weak_password_is_refused_with_reasons(boss, password):
    with pytest.raises(PeopleError) as refused:
        services.create_user(
            actor=boss,
            username="lixiaoming",
            name="李小明",
            roles=["salesperson"],
            password=password,
            now=NOON,
        )
    assert refused.value.field == "password" and str(refused.value)
    assert not User.objects.filter(username="lixiaoming").exists()


@pytest.mark.parametrize("role", ["salesperson", "manager", "director", "auditor"])
def test_only_administrators_create_people(role):
    actor = actor_for(make("someone", role))
    with pytest.raises(NotAllowed):
        services.create_user(actor=actor, username="x", name="X", roles=["director"], now=NOON)


def test_names_are_taken_without_regard_to_case(boss):
    make("Li")
    with pytest.raises(PeopleError):
        services.create_user(actor=boss, username="LI", name="Other", roles=[], now=NOON)


def test_an_auditor_holds_no_other_post(boss):
    with pytest.raises(PeopleError):
        services.create_user(actor=boss, username="x", name="X", roles=["auditor", "director"], now=NOON)


def test_nobody_raises_themselves_and_one_administrator_remains(boss):
    me = User.objects.get(pk=boss.user_id)
    with pytest.raises(PeopleError):
        services.change_roles(actor=boss, user=me, roles=["administrator", "director"], now=NOON)
    with pytest.raises(PeopleError):
        services.deactivate_user(actor=SYSTEM, user=me, now=NOON)
    make("second", "administrator")
    services.deactivate_user(actor=SYSTEM, user=me, now=NOON)
    assert not User.objects.get(pk=me.pk).is_active


def test_roles_change_at_once_and_are_journalled(boss):
    user = make("li", "salesperson")
    services.change_roles(actor=boss, user=user, roles=["manager"], now=NOON)
    assert actor_for(user).roles == {"manager"}
    assert (last().before, last().after) == ({"roles": ["salesperson"]}, {"roles": ["manager"]})


def test_only_what_changed_is_written_down(boss):
    user = make("li", "salesperson", phone="1")
    count = Entry.objects.count()
    services.change_user(actor=boss, user=user, changes={"phone": "1", "name": "Li"}, now=NOON)
    assert Entry.objects.count() == count
    services.change_user(actor=boss, user=user, changes={"phone": "2", "name": "Li"}, now=NOON)
    assert (last().before, last().after) == ({"phone": "1"}, {"phone": "2"})


def test_a_leaver_is_signed_out_and_others_are_told(boss, client):
    user = make("li", "salesperson", password=GOOD)
    client.force_login(user)
    assert Session.objects.count() == 1
    services.deactivate_user(actor=boss, user=user, now=NOON)
    assert Session.objects.count() == 0
    assert OutboxEvent.objects.get().payload == {"user_id": user.pk}
    services.reactivate_user(actor=boss, user=user, now=NOON)
    assert User.objects.get(pk=user.pk).left_on is None


def test_a_team_cannot_stand_below_itself_and_moving_it_moves_what_managers_reach(boss):
    top = services.create_team(actor=boss, name="China", now=NOON)
    east = services.create_team(actor=boss, name="East", parent=top, now=NOON)
    south = services.create_team(actor=boss, name="South", now=NOON)
    manager = make("m", "manager", team=top)
    assert actor_for(manager).team_ids == {top.pk, east.pk}
    with pytest.raises(PeopleError):
        services.move_team(actor=boss, team=top, parent=east, now=NOON)
    services.move_team(actor=boss, team=south, parent=east, now=NOON)
    assert actor_for(manager).team_ids == {top.pk, east.pk, south.pk}
    assert last().after == {"parent": "East"}
    with pytest.raises(PeopleError):
        services.create_team(actor=boss, name="east", now=NOON)


def test_a_company_changes_a_cell_of_the_access_table_and_takes_it_back(boss):
    user = make("li", "salesperson")
    assert not actor_for(user).may("decision", "propose")
    row = services.override_access(
        actor=boss, role="salesperson", object_name="decision", action="propose",
        scope=Scope.OWN, classes=["public"], now=NOON,
    )  # fmt: skip
    assert actor_for(user).scope("decision", "propose") is Scope.OWN
    assert last().before == {"scope": "none", "classes": []}
    services.remove_override(actor=boss, override=row, now=NOON)
    assert not actor_for(user).may("decision", "propose")
    assert not AccessOverride.objects.exists()


@pytest.mark.parametrize(
    "cell",
    [
        {"role": "king"},
        {"object_name": "castle"},
        {"action": "conquer"},
        {"classes": ["royal"]},
        {"classes": []},
        {"classes": ["contact"]},
        {"role": "administrator", "object_name": "setting", "action": "administer", "scope": Scope.NONE},
        {"role": "auditor", "object_name": "customer", "action": "edit"},
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_words(boss, cell):
    wanted = {
        "role": "manager",
        "object_name": "customer",
        "action": "view",
        "scope": Scope.ALL,
        "classes": ["public"],
    }
    with pytest.raises(PeopleError) as refused:
        services.override_access(actor=boss, now=NOON, **{**wanted, **cell})
    assert str(refused.value)
    assert not AccessOverride.objects.exists()


def test_people_change_their_own_language_and_nobody_elses(boss):
    me = User.objects.get(pk=boss.user_id)
    services.change_own_settings(actor=boss, user=me, language="en", dark_mode=True, now=NOON)
    me.refresh_from_db()
    assert (me.language, me.dark_mode) == ("en", True)
    with pytest.raises(NotAllowed):
        services.change_own_settings(actor=boss, user=make("li"), language="en", dark_mode=False, now=NOON)


def test_editing_people_does_not_open_doors(boss):
    """An office that keeps telephone lists may not move people into teams, nor give them a mail address to sign in by."""
    team = services.create_team(actor=boss, name="Top", now=NOON)
    services.override_access(
        actor=boss, role="manager", object_name="staff", action="edit", scope=Scope.ALL,
        classes=["public", "contact"], now=NOON,
    )  # fmt: skip
    office = actor_for(make("office", "manager"))
    user = make("li", "salesperson")
    services.change_user(actor=office, user=user, changes={"phone": "138", "team": None}, now=NOON)
    for changes in ({"team": team}, {"email": "office@example.com"}):
        with pytest.raises(NotAllowed):
            services.change_user(actor=office, user=user, changes=changes, now=NOON)
    user.refresh_from_db()
    assert (user.phone, user.team, user.email) == ("138", None, "")
    services.change_user(actor=boss, user=user, changes={"team": team}, now=NOON)
    assert User.objects.get(pk=user.pk).team == team


def test_whoever_lost_the_second_factor_is_let_in_by_an_administrator(boss, client):
    user = make("li", "salesperson", password=GOOD)
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    client.force_login(user)
    with pytest.raises(NotAllowed):
        services.remove_second_factors(actor=actor_for(make("m", "manager")), user=user, now=NOON)
    with pytest.raises(PeopleError):
        services.remove_second_factors(actor=boss, user=User.objects.get(username="boss"), now=NOON)
    assert services.remove_second_factors(actor=boss, user=user, now=NOON) == 2
    assert last().action == "staff.second_factors_removed"
    assert last().before == {"methods": ["recovery_codes", "totp"]}
    assert not Session.objects.exists()
    client.post("/accounts/login/", {"login": "li", "password": GOOD})
    assert "_auth_user_id" in client.session
    assert services.remove_second_factors(actor=boss, user=user, now=NOON) == 0
