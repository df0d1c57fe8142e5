"""What rooms hang into pages: menu, panels, Today, palette, timeline, next actions.

A room registers these in its `panels` module (or package), which `load_pages` imports once. The rights of each entry
are checked on their own: what an actor may not see is not there.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.records import records

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Label = str | _StrPromise
else:
    Label = Any


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the sidebar and the palette. `section`: work, decide, data, administer. `thumb`: on phones' bar."""

    label: Label
    url_name: str
    icon: str
    object: str = ""
    action: str = "view"
    section: str = "work"
    order: int = 50
    thumb: bool = False
    keys: str = ""  # a two-stroke shortcut, "g c"


@dataclass(frozen=True, slots=True)
class PaletteAction:
    """Something to do from the palette. `dialog`: the address answers with a dialog's content."""

    label: Label
    url_name: str
    icon: str
    object: str
    action: str = "create"
    words: str = ""  # further words to find it by
    dialog: bool = False
    keys: str = ""  # a shortcut that works on every page, "n"


@dataclass(frozen=True, slots=True)
class Panel:
    """A card on a record's page. `build(actor, subject, request)` returns the template's context, or None for no card."""

    subject: str
    name: str
    title: Label
    build: Callable[..., Mapping[str, Any] | None]
    template: str
    order: int = 50
    object: str = ""
    action: str = "view"
    classes: frozenset[FieldClass] = frozenset()
    icon: str = ""
    place: str = "main"  # main, side, head

    def allows(self, actor: Actor) -> bool:
        if not self.object:
            return True
        return actor.may(self.object, self.action) and self.classes <= actor.classes(self.object, self.action)


@dataclass(frozen=True, slots=True)
class TodaySection:
    """A card of the first page. `build(actor, now, request)` returns the template's context, or None for no card."""

    name: str
    title: Label
    build: Callable[..., Mapping[str, Any] | None]
    template: str
    order: int = 50
    object: str = ""
    action: str = "view"
    icon: str = ""
    place: str = "main"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a record's timeline. `at` is a date or a moment; `amount` is written at the end."""

    at: date | datetime
    title: Label
    icon: str
    detail: Label = ""
    url: str = ""
    amount: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """Gives the newest `limit` happenings before a date: `find(actor, subject, before, limit)`, one query."""

    subject: str
    name: str
    label: Label
    find: Callable[..., Iterable[Happening]]
    object: str = ""
    action: str = "view"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The next best action. The smallest `rank` is shown: 0 danger, 50 habit, 90 tidying up."""

    rank: int
    text: Label
    icon: str = "bulb"
    url: str = ""
    reason: Label = ""


@dataclass
class Registry:
    menu: list[MenuItem] = field(default_factory=list)
    actions: list[PaletteAction] = field(default_factory=list)
    panels: dict[tuple[str, str], Panel] = field(default_factory=dict)
    today: dict[str, TodaySection] = field(default_factory=dict)
    timeline: dict[tuple[str, str], TimelineSource] = field(default_factory=dict)
    suggestions: dict[str, list[Callable[..., Suggestion | None]]] = field(default_factory=dict)
    searches: list[Callable[..., list[dict[str, Any]]]] = field(default_factory=list)

    def menu_for(self, actor: Actor) -> list[MenuItem]:
        return sorted(
            (one for one in self.menu if not one.object or actor.may(one.object, one.action)),
            key=lambda one: one.order,
        )

    def panels_for(self, subject: str, actor: Actor) -> list[Panel]:
        found = (one for one in self.panels.values() if one.subject == subject and one.allows(actor))
        return sorted(found, key=lambda one: (one.order, one.name))

    def today_for(self, actor: Actor) -> list[TodaySection]:
        found = (one for one in self.today.values() if not one.object or actor.may(one.object, one.action))
        return sorted(found, key=lambda one: (one.order, one.name))


registry = Registry()


def menu_item(label: Label, url_name: str, icon: str, **more: Any) -> MenuItem:
    """Put an entry into the sidebar (and so into the palette)."""
    item = MenuItem(label, url_name, icon, **more)
    registry.menu.append(item)
    return item


def palette_action(label: Label, url_name: str, icon: str, **more: Any) -> PaletteAction:
    action = PaletteAction(label, url_name, icon, **more)
    registry.actions.append(action)
    return action


def palette_search[F: Callable[..., list[dict[str, Any]]]](function: F) -> F:
    """A search of the palette: `f(actor, text) -> [{"label", "hint", "url", "icon"}]`, eight at most."""
    registry.searches.append(function)
    return function


def panel[F: Callable[..., Mapping[str, Any] | None]](
    subject: str,
    *,
    title: Label,
    template: str,
    name: str = "",
    classes: Iterable[FieldClass] = (),
    **more: Any,
) -> Callable[[F], F]:
    """Register a card on the page of a kind of record (`subject` is its name in the access table)."""

    def register(build: F) -> F:
        own = name or build.__name__.removesuffix("_panel")
        if (subject, own) in registry.panels:
            raise ValueError(f"panel {subject}.{own} is registered twice")
        registry.panels[subject, own] = Panel(
            subject=subject,
            name=own,
            title=title,
            build=build,
            template=template,
            classes=frozenset(classes),
            **more,
        )
        return build

    return register


def today_section[F: Callable[..., Mapping[str, Any] | None]](
    *, title: Label, template: str, name: str = "", **more: Any
) -> Callable[[F], F]:
    """Register a card of the first page."""

    def register(build: F) -> F:
        own = name or build.__name__.removesuffix("_section")
        if own in registry.today:
            raise ValueError(f"Today section {own} is registered twice")
        registry.today[own] = TodaySection(name=own, title=title, build=build, template=template, **more)
        return build

    return register


def timeline_source[F: Callable[..., Iterable[Happening]]](
    subject: str, *, name: str, label: Label, object: str = "", action: str = "view"
) -> Callable[[F], F]:
    def register(find: F) -> F:
        if (subject, name) in registry.timeline:
            raise ValueError(f"timeline source {subject}.{name} is registered twice")
        registry.timeline[subject, name] = TimelineSource(subject, name, label, find, object, action)
        return find

    return register


def next_action[F: Callable[..., Suggestion | None]](subject: str) -> Callable[[F], F]:
    """Register a source of suggestions: `f(actor, subject, now) -> Suggestion | None`, no more than one query."""

    def register(function: F) -> F:
        registry.suggestions.setdefault(subject, []).append(function)
        return function

    return register


def find_subject(actor: Actor, subject: str, identity: int) -> Any | None:
    """The record whose page is shown, if the actor sees it."""
    spec = records.get(subject)
    return None if spec is None else spec.visible_to(actor).filter(pk=identity).first()


_loaded = False


def load_pages() -> Registry:
    """Import each installed room's `panels` once, lowest room first."""
    global _loaded
    if not _loaded:
        _loaded = True
        for config in reversed(list(apps.get_app_configs())):
            if config.name.startswith("bihuan.") and importlib.util.find_spec(f"{config.name}.panels"):
                importlib.import_module(f"{config.name}.panels")
    return registry
