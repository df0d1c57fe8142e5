"""The list of customers. Higher rooms add their columns and filters to it (tier, revenue, recency)."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, Scope
from bihuan.kernel.pages.filters import NONE, Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import NOTHING

from . import queries
from .access import reach
from .models import Customer, CustomerTag
from .records import CUSTOMER
from .search import searched, searched_within

INCOMPLETE = 60


def _base(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(merged_into=None).annotate(tag_text=queries.tag_text())


def draw_tags(text: str | None) -> str:
    if not text:
        return NOTHING
    return " ".join(f'<span class="chip">{escape(one)}</span>' for one in queries.split_tags(text))


def export_tags(text: str | None) -> str | None:
    return "; ".join(queries.split_tags(text)) or None


def draw_completeness(value: int) -> str:
    """The bar says it at a glance, the number exactly."""
    return f'<meter class="meter" min="0" max="100" value="{value}" aria-hidden="true"></meter> {value}'


def _numbers(wanted: list[str]) -> list[int]:
    return [int(one) for one in wanted if one.isascii() and one.isdigit() and len(one) < 19]


def _by_owner(path: str) -> Any:
    def narrow(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
        found = Q(**{f"{path}__in": _numbers(wanted)})
        return rows.filter(found | Q(**{f"{path}__isnull": True}) if NONE in wanted else found)

    return narrow


def _by_tag(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    tagged = CustomerTag.objects.filter(tag__in=_numbers(wanted)).values("customer")
    return rows.filter(pk__in=tagged)


def _mine(rows: QuerySet[Any], wanted: str, actor: Actor) -> QuerySet[Any]:
    own = reach(actor, Scope.OWN)
    return rows.filter(own) if wanted == "1" else rows.exclude(own)


def _choices(name: str) -> Any:
    return lambda actor: queries.choices_of(actor, name)


FIELDS = CUSTOMER.by_name
CUSTOMERS = ListPage(
    name="customers",
    title=_("Customers"),
    record=CUSTOMER,
    url_name="customers",
    row_url="customer",
    default_sort="name",
    icon="building-factory-2",
    template="customers/pages/list.html",
    search=searched,
    search_within=searched_within,
    search_hint=_("Name, pinyin initials, number, telephone"),
    base=_base,
    columns=[
        Column.of(FIELDS["name"], order=10),
        Column.of(FIELDS["external_id"], order=12),
        Column.of(FIELDS["status"], order=30, sortable=False),
        Column.of(FIELDS["industry"], order=32),
        Column.of(FIELDS["region"], order=34),
        Column.of(FIELDS["owner_a"], order=60, sortable=False),
        Column.of(FIELDS["completeness"], order=70, draw=draw_completeness, sortable=False, shown=False),
        Column(
            "tags",
            _("Tags"),
            path="tag_text",
            order=80,
            sortable=False,
            draw=draw_tags,
            export=export_tags,
            nullable=True,
        ),
        Column.of(FIELDS["short_name"], order=110, shown=False, sortable=False),
        Column.of(FIELDS["name_en"], order=112, shown=False, sortable=False),
        Column.of(FIELDS["credit_code"], order=114, shown=False, sortable=False),
        Column.of(FIELDS["kind"], order=116, shown=False, sortable=False),
        Column.of(FIELDS["country"], order=118, shown=False, sortable=False),
        Column.of(FIELDS["city"], order=120, shown=False, sortable=False),
        Column.of(FIELDS["owner_b"], order=122, shown=False, sortable=False),
        Column.of(FIELDS["customer_since"], order=124, shown=False, sortable=False),
        Column.of(FIELDS["verified_on"], order=126, shown=False, sortable=False),
        Column.of(FIELDS["phone"], order=128, shown=False, sortable=False),
        Column.of(FIELDS["email"], order=130, shown=False, sortable=False),
        Column.of(FIELDS["address"], order=132, shown=False, sortable=False),
        Column.of(FIELDS["website"], order=134, shown=False, sortable=False),
    ],
    filters=[
        Filter("mine", _("My customers"), kind="bool", narrow=_mine),
        Filter("status", _("Status"), choices=lambda actor: Customer.Status.choices),
        Filter("industry", _("Industry"), choices=_choices("industry"), searched=True),
        Filter("region", _("Region"), choices=_choices("region"), searched=True),
        Filter(
            "owner_a",
            _("Owner A"),
            choices=lambda actor: [(NONE, _("nobody")), *queries.choices_of(actor, "owner")],
            narrow=_by_owner("owner_a_id"),
            searched=True,
        ),
        Filter("tag", _("Tag"), choices=_choices("tag"), narrow=_by_tag, searched=True),
        Filter("completeness", _("Completeness"), kind="number"),
        Filter("customer_since", _("Customer since"), kind="date"),
    ],
    presets=(
        (_("My customers"), "mine=1"),
        (_("No owner"), "owner_a=-"),
        (_("Incomplete"), f"completeness.to={INCOMPLETE - 1}"),
    ),
    empty_title=_("No customers yet"),
    empty_text=_("Add the first one, or import a spreadsheet; the dry run says what will happen."),
)
