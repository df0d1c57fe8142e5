"""Every address stands in the access table, says the same as its view, and is shut to whoever is not signed in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

import bihuan
from bihuan.people.access_table import PUBLIC, SHUT, delivered_table

SOURCES = Path(bihuan.__file__).parent


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from routes(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name or ''}", one


ALL_ROUTES = sorted(dict(routes()).items())


@pytest.mark.parametrize(("name", "route"), ALL_ROUTES, ids=[name for name, _route in ALL_ROUTES])
def test_a_route_stands_in_the_access_table_and_its_view_agrees(name: str, route: URLPattern):
    wanted = delivered_table().routes.get(name)
    assert wanted, f"{name} ({route.pattern}) is missing from `routes` in people/access_table.yaml"
    asked = getattr(route.callback, "access", None)
    if asked is not None:
        assert asked == wanted, f"the view of {name} asks for {asked}, the table says {wanted}"
    elif route.callback.__module__.startswith("bihuan."):
        assert wanted == PUBLIC, f"the view of {name} has no guard (kernel.pages.request.page)"


def test_the_table_names_no_route_that_is_gone():
    there = {name for name, _route in ALL_ROUTES}
    only_with_a_provider = {
        name for name in delivered_table().routes if name.startswith(("openid_", "socialaccount_"))
    }
    assert set(delivered_table().routes) - there - only_with_a_provider == set()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "route"), ALL_ROUTES, ids=[name for name, _route in ALL_ROUTES])
def test_without_signing_in_only_public_routes_answer(name: str, route: URLPattern):
    wanted = delivered_table().routes.get(name, "")
    if wanted == PUBLIC:
        return
    address = None
    for arguments in ({}, *_arguments(route)):
        try:
            address = reverse(name, kwargs=arguments)
            break
        except NoReverseMatch:
            continue
    assert address, f"the test knows no arguments for {name} ({route.pattern})"
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address)
        if wanted == SHUT:
            assert answer.status_code == 404
        elif hasattr(route.callback, "token_scopes"):  # programs are told so in their own way
            assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
        else:
            assert answer.status_code in (302, 405), f"{method} {address}: {answer.status_code}"
            assert answer.status_code == 405 or answer["Location"].startswith("/accounts/login/")


def _arguments(route: URLPattern) -> Iterator[dict[str, Any]]:
    converters = route.pattern.converters
    yield {name: 1 if type(one).__name__ == "IntConverter" else "x" for name, one in converters.items()}
    yield {"pk": 1}
    yield {"key": "x-y"}
    yield {"uidb36": "1", "key": "x-y"}


# Where each of these takes the name of an object; its action comes next.
OBJECT_ARGUMENT = {
    "require": 1,
    "customers_within": 1,
    "may": 0,
    "scope": 0,
    "grant": 0,
    "classes": 0,
    "page": 0,
}


def asked_literals() -> Iterator[tuple[str, str, str]]:
    """Each `require(actor, "object", "action")` and `actor.may/scope/grant/classes("object", "action")` in the code."""
    for path in sorted(SOURCES.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = OBJECT_ARGUMENT.get(name)
            if place is None or len(node.args) <= place:
                continue
            words = [
                one.value if isinstance(one, ast.Constant) else None for one in node.args[place : place + 2]
            ]
            if isinstance(words[0], str) and words[0]:
                action = words[1] if len(words) > 1 else "view"
                yield (
                    f"{path.relative_to(SOURCES)}:{node.lineno}",
                    words[0],
                    action if isinstance(action, str) else "view",
                )


def test_what_the_code_asks_for_exists_in_the_table():
    objects = delivered_table().objects
    wrong = [
        f"{where}: {object_name}.{action}"
        for where, object_name, action in asked_literals()
        if action not in objects.get(object_name, ())
    ]
    assert not wrong, "\n".join(wrong)
