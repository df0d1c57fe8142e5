"""What import-linter cannot see of the room order: tables that refer to tables, and how modules are called."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model

from .rooms import PACKAGE, modules, name_of, rooms_from_the_top

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "extras", "misc"}


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if belongs_to_a_room(model)]


def belongs_to_a_room(model: type[Model]) -> bool:
    return apps.get_app_config(model._meta.app_label).name.startswith("bihuan.")


def test_every_room_stands_in_the_order():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(rooms_from_the_top())


def test_every_table_belongs_to_a_room():
    strays = {
        model._meta.label for model in own_models() if model._meta.app_label not in rooms_from_the_top()
    }
    assert own_models()
    assert not strays


def test_foreign_keys_point_downwards():
    order = rooms_from_the_top()
    upwards = [
        f"{field} points up to {field.related_model._meta.label}"
        for model in own_models()
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation and not field.auto_created and isinstance(field.related_model, type)
        if belongs_to_a_room(field.related_model)
        and order.index(field.related_model._meta.app_label) < order.index(model._meta.app_label)
    ]
    assert not upwards


def test_no_module_has_a_name_that_says_nothing():
    vague = [
        name_of(path) for path in modules() if VAGUE & {path.stem, *path.relative_to(PACKAGE).parts[:-1]}
    ]
    assert not vague
