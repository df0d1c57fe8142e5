"""Every way to look at a record. A new page, list, command or panel that shows records belongs in here."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from django.http import HttpResponseBase
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from bihuan.config.cli import main
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.pages.lists import ListPage, lists
from bihuan.kernel.pages.registry import load_pages
from bihuan.kernel.records import records
from bihuan.people.actors import present_table
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user

from .matrix import Door, allowed
from .world import Planted, World

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONLY_THE_LIST = {"HX-Request": "true", "HX-Target": "list"}  # whole pages are doors of their own
_clients: dict[int, Client] = {}


def guessed(
    world: World, object_name: str, found: Callable[[User, Any, Planted], bool]
) -> Callable[[User, Any], str]:
    """Guessing: whoever finds a record by a value has learnt the value. Gives the withheld values that are learnt."""
    posts = {person.pk: post for post, person in world.people.items()}

    def ask(user: User, row: Any) -> str:
        table, post = present_table(), posts[user.pk]
        own = [one for one in world.planted if one.object == object_name and one.record == row.pk]
        withheld = {one.text: one for one in own if not allowed(table, post, one, "view")}
        return "\n".join(sorted(text for text, one in withheld.items() if found(user, row, one)))

    return ask


def searched(route: str, parameter: str, title: str) -> Callable[[User, Any, Planted], bool]:
    """Whether a search for a text lists the record; the words of the search itself do not count."""

    def found(user: User, row: Any, one: Planted) -> bool:
        text = one.text
        body = read(client_of(user).get(reverse(route), {parameter: text}))
        name = str(getattr(row, title))
        return body.count(name) > (body.count(text) if name in text else 0)

    return found


def client_of(user: User) -> Client:
    """A signed-in browser, one for each person and test."""
    if user.pk not in _clients:
        _clients[user.pk] = Client(raise_request_exception=True)
        _clients[user.pk].force_login(user)
    return _clients[user.pk]


def forget_clients() -> None:
    _clients.clear()


def read(answer: HttpResponseBase) -> str:
    """What an answer shows. A refusal shows nothing but must be one."""
    if answer.status_code not in (200, 403, 404):
        raise AssertionError(f"{answer.status_code} from {getattr(answer, 'request', {}).get('PATH_INFO')}")
    if answer.status_code != 200:
        return ""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return body.decode()


def page(name: str, *, key: str = "pk", query: str = "", **headers: str) -> Callable[[User, Any], str]:
    """A page, by the name of its route; for a record, with that record's key as the only argument."""

    def ask(user: User, row: Any) -> str:
        address = reverse(name, args=[] if row is None else [getattr(row, key)])
        return read(client_of(user).get(address + query, headers=headers))

    return ask


def command(*words: str, key: str = "external_id") -> Callable[[User, Any], str]:
    """A command run by `--user`, in this process."""

    def ask(user: User, row: Any) -> str:
        arguments = ["--user", user.username, *words, *([] if row is None else [getattr(row, key)])]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            with mock.patch.dict(os.environ, {"BIHUAN_NOW": NOW.isoformat()}):
                main(arguments)
        # A refusal repeats what was asked for, which whoever asks knows.
        return out.getvalue()

    return ask


def panels(subject: str) -> Callable[[User, Any], str]:
    """All panels of a record, in all places, as the page loads them."""

    def ask(user: User, row: Any) -> str:
        places = sorted({one.place for one in load_pages().panels.values() if one.subject == subject})
        address = reverse("panels", args=[subject, row.pk])
        texts = [read(client_of(user).get(f"{address}?place={place}")) for place in places]
        if any("This part could not be shown" in text for text in texts):
            raise AssertionError("a panel failed")
        return "\n".join(texts)

    return ask


def panels_bare(subject: str) -> Callable[[User, Any], str]:
    """Each panel built for a record that a higher page found on its own: a panel must not trust its page."""

    def ask(user: User, row: Any) -> str:
        actor = actor_for(user)
        request = RequestFactory().get("/")
        request.user, request.actor, request.htmx = user, actor, None  # type: ignore[attr-defined]
        if not records[subject].visible_to(actor).filter(pk=row.pk).exists():
            return ""
        texts = []
        for one in load_pages().panels_for(subject, actor):
            found = one.build(actor, row, request)
            if found is not None:
                texts.append(render_to_string(one.template, {**found, "panel": one, "subject": row}, request))
        return "\n".join(texts)

    return ask


def doors(world: World) -> list[Door]:
    """All of them; those whose rooms are not there yet are left out by name in `test_matrix`."""
    from .cases import case_doors
    from .correspondence import mail_doors
    from .depth import depth_doors
    from .dispatch import dispatch_doors
    from .investigations import investigation_doors
    from .lots import lot_doors
    from .objections import objection_doors
    from .reviews import review_doors

    found = [
        Door("page staff", "page", "staff", page("staff_person"), action="edit"),
        Door("list staff", "list", "staff", page("staff"), many=True, promises=frozenset({"name", "phone"})),
        Door("search staff", "search", "staff", page("staff", query="?q=zq"), many=True, promises=frozenset({"name"})),
        Door("guess staff", "search", "staff", guessed(world, "staff", searched("staff", "q", "name"))),
        Door("guess journal", "search", "journal", guessed(world, "journal", searched("journal", "text", "actor_name"))),
        Door("page teams", "page", "staff", page("teams"), many=True),
        Door("page journal", "page", "journal", page("journal_entry"), promises=frozenset({"object_name", "note"})),
        Door("list journal", "list", "journal", page("journal", query="?action=zqdone"), many=True, promises=frozenset({"object_name"})),
        Door(
            "search journal", "search", "journal", page("journal", query="?text=zq"), many=True,
            promises=frozenset({"object_name"}),
        ),
        Door(
            "export journal", "export", "journal", page("journal_export"), action="export", many=True,
            promises=frozenset({"object_name", "note"}),
        ),
        Door("page today", "page", "customer", page("today"), many=True),
        Door("page today of the idle", "page", "customer", today_of_the_idle(world), many=True),
    ]  # fmt: skip
    load_pages()
    for declared in lists.values():
        found += list_doors(declared, world)
    for name in ("product", "order"):
        found.append(Door(f"page {name}", "page", name, page(name)))
    found += customer_doors(world)
    found += case_doors(world)
    found += mail_doors(world)
    found += investigation_doors(world)
    found += review_doors(world)
    found += objection_doors(world)
    found += depth_doors(world)
    found += dispatch_doors(world)
    found += lot_doors(world)
    return found


def list_doors(declared: ListPage, world: World) -> list[Door]:
    """A list with all its columns, searched, and as a file."""
    own = declared.record.name
    columns = ",".join(one.name for one in declared.columns)
    shown = frozenset(one.name for one in declared.columns if not one.object) & set(declared.record.by_name)
    title = frozenset({declared.record.title_field}) & shown

    def filters(user: User, row: Any) -> str:
        return read(client_of(user).get(reverse("list_filters", args=[declared.name])))

    def export(user: User, row: Any) -> str:
        address = reverse("list_export", args=[declared.name])
        return read(client_of(user).get(f"{address}?format=csv&columns={columns}"))

    return [
        Door(f"list {declared.name}", "list", own, page(declared.url_name, query=f"?columns={columns}"), many=True,
             promises=shown),
        Door(f"search {declared.name}", "search", own, page(declared.url_name, query=f"?q=zq&columns={columns}"),
             many=True, promises=title),
        Door(f"filters {declared.name}", "list", own, filters, many=True),
        Door(f"guess {declared.name}", "search", own, guessed(world, own, narrowed(declared))),
        Door(f"export {declared.name}", "export", own, export, action="export", many=True, promises=shown),
    ]  # fmt: skip


def narrowed(declared: ListPage) -> Callable[[User, Any, Planted], bool]:
    """Whether the search, or the filter of that field, lists the record for this value and not for another."""
    known: dict[tuple[int, str], set[str]] = {}

    def keys(user: User, query: dict[str, str]) -> set[str]:
        kept = (user.pk, str(query))
        if kept not in known:
            address, asked = reverse(declared.url_name), {**query, "columns": declared.columns[0].name}
            body = read(client_of(user).get(address, asked, headers=ONLY_THE_LIST))
            known[kept] = set(re.findall(r'href="[^"]*/(\d+)/[?"]', body))
        return known[kept]

    def found(user: User, row: Any, one: Planted) -> bool:
        tries = [({"q": one.text}, {"q": "nothing like it"})]
        for each in declared.filters:
            if each.name not in one.field or str(row.pk) not in keys(user, {}):
                continue
            if each.kind in ("number", "date"):
                low, high = (f"{each.name}.from", f"{each.name}.to")
                other = "1901-01-01" if each.kind == "date" else "1"
                tries.append(({low: one.text, high: one.text}, {low: other, high: other}))
            elif each.kind in ("text", "choice"):
                tries.append(({each.name: one.text}, {each.name: "nothing like it"}))
        key = str(row.pk)
        return any(key in keys(user, right) and key not in keys(user, wrong) for right, wrong in tries)

    return found


def customer_doors(world: World) -> list[Door]:
    return [
        Door("page customer", "page", "customer", page("customer"), promises=frozenset({"name"})),
        Door("form customer", "page", "customer", page("customer_edit"), action="edit"),
        Door("note of customer", "page", "customer", page("customer_note"), action="edit"),
        Door("form contact", "page", "contact", page("contact_edit"), action="edit"),
        Door("form site", "page", "site", page("site_edit"), action="edit"),
        Door("form hand-over", "page", "customer", page("hand_over"), many=True),
        Door("picks", "search", "customer", page("customer_picks", query="?find=zq"), many=True),
        Door("look-alikes", "search", "customer", look_alikes),
        Door("list duplicates", "list", "duplicate", page("duplicates"), many=True),
        Door("page duplicate", "page", "duplicate", page("duplicate")),
        Door("page import", "page", "import", page("import"), promises=frozenset({"filename"})),
        Door("page metrics", "page", "metric", page("metrics"), many=True),
        Door("page of a metric", "page", "metric", spread, many=True),
        Door("page policy", "page", "policy", lambda user, row: read(client_of(user).get(reverse("policy", args=["planted_tiers"]))), many=True),
        Door("explained by policy", "reason", "customer", explained_by_policy),
        Door("guess metric", "search", "metric", guessed(world, "metric", narrowed(lists["customers"]))),
        Door("arithmetic", "reason", "customer", arithmetic),
        Door("palette", "search", "customer", page("palette", query="?q=zq"), many=True),
        Door("guess contact", "search", "contact", guessed(world, "contact", contact_by_customer)),
        Door("guess by look-alikes", "search", "customer", guessed(world, "customer", in_look_alikes)),
        Door("guess by picks", "search", "customer", guessed(world, "customer", in_picks)),
        Door("guess by order", "search", "customer", ordered(world, lists["customers"]), many=True),
        Door("neighbours", "search", "customer", neighbours(lists["customers"])),
        Door("guess by palette", "search", "customer", guessed(world, "customer", in_palette)),
        Door("cli customer show", "cli", "customer", command("customer", "show", "--json"),
             promises=frozenset({"name", "external_id"})),
        Door("cli customer show, plain", "cli", "customer", command("customer", "show")),
        Door("panels customer", "panel", "customer", panels("customer")),
        Door("panels customer, bare", "panel", "customer", panels_bare("customer")),
        Door("timeline customer", "panel", "customer", timeline("customer")),
        Door("page decision", "reason", "decision", page("decision")),
        Door("page proposal", "reason", "proposal", page("proposal")),
    ]  # fmt: skip


def contact_by_customer(user: User, row: Any, one: Planted) -> bool:
    """Whether the search for customers finds the customer by this value of one of its contacts."""
    body = read(client_of(user).get(reverse("customers"), {"q": one.text}))
    return f"{reverse('customer', args=[row.customer_id])}?" in body


def in_palette(user: User, row: Any, one: Planted) -> bool:
    body = read(client_of(user).get(reverse("palette"), {"q": one.text}))
    return reverse("customer", args=[row.pk]) in body


def look_alikes(user: User, row: Any) -> str:
    """The warning while a customer is being added under the very name of one that is there."""
    given = {"name": row.name, "credit_code": row.credit_code, "phone": row.phone}
    body = read(client_of(user).get(reverse("customer_similar"), given))
    for text in given.values():
        body = body.replace(f'value="{text}"', "")
    return body


def today_of_the_idle(world: World) -> Callable[[User, Any], str]:
    """The first page of a colleague who owns no customer: it speaks of all that the post sees."""

    def ask(user: User, row: Any) -> str:
        post = next(post for post, person in world.people.items() if person.pk == user.pk)
        idle = User.objects.filter(username=f"zqidle{post}").first() or create_user(
            actor=SYSTEM, username=f"zqidle{post}", name="Idle", roles=[post], team=user.team, now=NOW
        )
        return read(client_of(idle).get(reverse("today")))

    return ask


def in_look_alikes(user: User, row: Any, one: Planted) -> bool:
    """Whether the warning while adding another customer tells which customer has this telephone number or code."""
    for name in ("phone", "credit_code"):
        body = read(client_of(user).get(reverse("customer_similar"), {"name": "zqnobody", name: one.text}))
        if reverse("customer", args=[row.pk]) in body:
            return True
    return False


def in_picks(user: User, row: Any, one: Planted) -> bool:
    body = read(client_of(user).get(reverse("customer_picks"), {"find": one.text}))
    return f'"{row.pk}"' in body and row.name in body


def ordered(world: World, declared: ListPage) -> Callable[[User, Any], str]:
    """The order of a list by a column that is not shown lays the column open. Gives what is learnt: the values."""
    posts = {person.pk: post for post, person in world.people.items()}

    def rows(user: User, sort: str) -> list[str]:
        body = read(client_of(user).get(reverse(declared.url_name), {"sort": sort, "columns": "name"}))
        return re.findall(r'href="[^"]*/(\d+)/[?"]', body)

    def ask(user: User, row: Any) -> str:
        table, post = present_table(), posts[user.pk]
        learnt = []
        for column in declared.columns:
            listed = rows(user, column.name)
            if not column.sortable or listed == rows(user, "-" + column.name):
                continue
            own = column.object or declared.record.name
            learnt += [
                one.text
                for one in world.planted
                if (one.object, one.field) == (own, column.name)
                and str(one.record) in listed
                and not allowed(table, post, one, "view")
            ]
        return "\n".join(learnt)

    return ask


def neighbours(declared: ListPage) -> Callable[[User, Any], str]:
    """Next and previous, also with an order that is forbidden and from a record that is not one's own."""

    def ask(user: User, row: Any) -> str:
        address = reverse("list_neighbours", args=[declared.name, row.pk])
        texts = []
        for within in ("", "sort=revenue_12m", "sort=-overdue_amount"):
            body = read(client_of(user).get(address, {"in": within}))
            for key in re.findall(r'href="[^"]*/(\d+)/[?"]', body):
                found = declared.record.model._default_manager.get(pk=int(key))
                texts.append(str(found))
        return "\n".join(texts)

    return ask


def spread(user: User, row: Any) -> str:
    """How metrics are spread: the texts of facts stand in it as they are."""
    names = (
        "revenue_12m",
        *(f"facts.{one}" for one in ("credit_rating", "certificates", "business_philosophy")),
    )
    return "\n".join(read(client_of(user).get(reverse("metric", args=[name]))) for name in names)


def explained_by_policy(user: User, row: Any) -> str:
    """Why this customer would stand where it stands; what was typed is repeated and does not count."""
    address = reverse("policy_explain", args=["planted_tiers"])
    return read(client_of(user).get(address, {"customer": row.external_id})).replace(row.external_id, "")


def arithmetic(user: User, row: Any) -> str:
    """What opens behind a customer's figures."""
    names = ("revenue_12m", "tenure_days", "facts.credit_rating", "facts.certificates", "overdue_amount")
    return "\n".join(
        read(client_of(user).get(reverse("metric_explain", args=[row.pk, name]))) for name in names
    )


def timeline(subject: str) -> Callable[[User, Any], str]:
    def ask(user: User, row: Any) -> str:
        return read(client_of(user).get(reverse("timeline", args=[subject, row.pk])))

    return ask
