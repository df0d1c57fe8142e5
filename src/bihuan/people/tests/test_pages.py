"""The pages of staff, teams, access and one's own account do what they say, through the browser's own doors."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.people import services
from bihuan.people.models import AccessOverride, Team, User
from bihuan.people.services import actor_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make(username: str, *roles: str, **more) -> User:
    return services.create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=roles, now=NOON, language="en", **more
    )


@pytest.fixture
def admin(client):
    user = make("admin", "administrator")
    client.force_login(user)
    return user


def test_an_administrator_adds_a_person_gives_posts_and_a_link(client, admin):
    team = services.create_team(actor=SYSTEM, name="East", now=NOON)
    reply = client.post(
        "/staff/new/",
        {"username": "li", "name": "李", "team": team.pk, "language": "zh-hans", "roles": ["salesperson"]},
    )
    li = User.objects.get(username="li")
    assert reply["Location"] == f"/staff/{li.pk}/"
    assert actor_for(li).roles == {"salesperson"} and li.team == team
    client.post(f"/staff/{li.pk}/posts/", {"roles": ["manager"]})
    assert actor_for(li).roles == {"manager"}
    page = client.post(f"/staff/{li.pk}/password-link/").content.decode()
    link = page.split('readonly value="http://testserver')[1].split('"')[0]
    assert Client().get(link, follow=True).status_code == 200
    assert Entry.objects.filter(action="staff.password_link_made", object_id=str(li.pk)).exists()
    client.post(f"/staff/{li.pk}/leave/")
    assert not User.objects.get(pk=li.pk).is_active
    assert "李" not in client.get("/staff/").content.decode()
    assert "李" in client.get("/staff/?left=1").content.decode()


def test_a_mistake_keeps_what_was_typed_and_says_where(client, admin):
    reply = client.post("/staff/new/", {"username": "ADMIN", "name": "Typed", "language": "en"})
    assert reply.status_code == 422
    text = reply.content.decode()
    assert "Typed" in text and "taken already" in text
    assert client.post(f"/staff/{admin.pk}/", {"name": "", "language": "en"}).status_code == 422


@pytest.mark.parametrize("role", ["salesperson", "manager", "director", "auditor"])
def test_others_find_no_door_to_change_people(client, role):
    user, other = make("me", role), make("other", "salesperson")
    client.force_login(user)
    for path in ("/staff/new/", f"/staff/{other.pk}/"):
        assert client.get(path).status_code == 403, path
    for path in (f"/staff/{other.pk}/posts/", f"/staff/{other.pk}/leave/", "/teams/new/"):
        assert client.post(path).status_code == 403, path
    assert (
        not client.post("/access/customer/manager/view/", {"scope": "all", "classes": "public"}).status_code
        < 400
    )
    assert User.objects.get(pk=other.pk).is_active


def test_staff_see_names_and_the_office_sees_telephones(client):
    make("other", "salesperson", phone="13800000000")
    for role, sees in (("salesperson", False), ("manager", True)):
        client.force_login(make(f"me{role}", role))
        text = client.get("/staff/").content.decode()
        assert "Other" in text
        assert ("13800000000" in text) is sees
        assert ("Other" in client.get("/staff/?q=other").content.decode()) is True


def test_the_team_tree_is_shown_and_moved(client, admin):
    top = services.create_team(actor=SYSTEM, name="China", now=NOON)
    client.post("/teams/new/", {"name": "East", "parent": top.pk})
    east = Team.objects.get(name="East")
    assert east.parent == top
    text = client.get("/teams/").content.decode()
    assert text.index("China") < text.index("East")
    assert client.post(f"/teams/{top.pk}/", {"name": "China", "parent": east.pk}).status_code == 422
    client.post(f"/teams/{east.pk}/", {"name": "East 2", "parent": ""})
    east.refresh_from_db()
    assert (east.name, east.parent) == ("East 2", None)


def test_a_cell_of_the_access_table_is_changed_and_restored(client, admin):
    client.post("/access/customer/quality/edit/", {"scope": "team", "classes": ["public", "technical"]})
    row = AccessOverride.objects.get()
    assert actor_for(make("q", "quality")).scope("customer", "edit") is Scope.TEAM
    assert "changed" in client.get("/access/customer/").content.decode()
    assert client.post("/access/customer/quality/edit/", {"scope": "everywhere"}).status_code == 422
    client.post(f"/access/restore/{row.pk}/")
    assert not AccessOverride.objects.exists()
    assert client.get("/access/castle/").status_code == 404


def test_everyone_has_a_page_of_their_own(client):
    user = make("li", "salesperson")
    client.force_login(user)
    assert client.get("/me/").status_code == 200
    client.post("/me/", {"language": "zh-hans", "dark_mode": "on"})
    user.refresh_from_db()
    assert (user.language, user.dark_mode) == ("zh-hans", True)


@pytest.mark.parametrize("path", ["/staff/", "/me/", "/journal/", "/access/", "/teams/"])
def test_without_signing_in_one_is_led_to_the_door_and_back(client, path):
    reply = client.get(path)
    assert (reply.status_code, reply["Location"]) == (
        302,
        f"/accounts/login/?next={path.replace('/', '%2F')}",
    )
    part = client.get(path, HTTP_HX_REQUEST="true")
    assert part.status_code == 204 and part["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    "path", ["/staff/", "/staff/?q=a&role=manager&left=1", "/teams/", "/journal/", "/access/"]
)
def test_lists_cost_the_same_however_many_there_are(client, admin, path, django_assert_max_num_queries):
    team = services.create_team(actor=SYSTEM, name="East", now=NOON)
    for number in range(12):
        make(f"a{number}", "manager", team=team)
    client.get(path)
    with django_assert_max_num_queries(8):
        assert client.get(path).status_code == 200


def test_the_switches_on_every_page_are_written_down_like_any_change(client, admin):
    client.post("/language/", {"language": "zh-hans"})
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "dark"})
    admin.refresh_from_db()
    assert (admin.language, admin.dark_mode) == ("zh-hans", True)
    assert Entry.objects.filter(action="staff.own_settings_changed").count() == 2


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_switch_leads_out_of_the_house(client, admin, target):
    for path, given in (("/language/", {"language": "en"}), ("/theme/", {"theme": "dark"})):
        assert client.post(path, {**given, "next": target}, HTTP_REFERER=target)["Location"] == "/"
    reply = Client().post("/accounts/login/", {"login": "x", "password": "y", "next": target})
    assert target not in reply.headers.get("Location", "")


def test_an_administrator_lets_somebody_in_who_lost_the_second_factor(client, admin):
    li = make("li", "salesperson")
    assert "second-factors" not in client.get(f"/staff/{li.pk}/").content.decode()
    TOTP.activate(li, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert f"/staff/{li.pk}/second-factors/" in client.get(f"/staff/{li.pk}/").content.decode()
    client.post(f"/staff/{li.pk}/second-factors/")
    assert not Authenticator.objects.exists()


def test_whoever_may_edit_people_but_not_give_posts_is_not_asked_for_team_and_mail(client, admin):
    services.override_access(
        actor=SYSTEM, role="manager", object_name="staff", action="edit", scope=Scope.ALL,
        classes=["public", "contact"], now=NOON,
    )  # fmt: skip
    li = make("li", "salesperson", email="li@example.com")
    client.force_login(make("office", "manager"))
    page = client.get(f"/staff/{li.pk}/").content.decode()
    assert 'name="phone"' in page
    assert 'name="email"' not in page and 'name="team"' not in page
    client.post(
        f"/staff/{li.pk}/", {"name": "Li", "phone": "138", "language": "en", "email": "me@example.com"}
    )
    li.refresh_from_db()
    assert (li.phone, li.email) == ("138", "li@example.com")
