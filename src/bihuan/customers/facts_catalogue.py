"""The structured facts of a customer's file: sections, and for each known fact its label, unit, kind and class.

Sections follow the file of a steel mill. Facts of finance and credit are secret; a fact that is not in the catalogue
is commercial, unless its section is secret. Whoever may not see a fact's class does not learn that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import FieldClass

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Label = str | _StrPromise
else:
    Label = Any

SECTIONS: dict[str, Any] = {
    "market_position": _("Market position"),
    "capability": _("Capability"),
    "potential": _("Potential"),
    "philosophy": _("Philosophy"),
    "reputation": _("Reputation"),
    "finance": _("Finance"),
    "credit": _("Credit"),
}
SECRET_SECTIONS = frozenset(("finance", "credit"))


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A known fact. `kind`: text, number (with a unit), score (0 to 100), bool."""

    name: str
    section: str
    label: Label
    kind: str = "text"
    unit: Label = ""
    field_class: FieldClass = FieldClass.COMMERCIAL


_PUBLIC, _SECRET = FieldClass.PUBLIC, FieldClass.SECRET
CATALOGUE: dict[str, FactSpec] = {
    one.name: one
    for one in (
        FactSpec("industry", "market_position", _("Industry"), field_class=_PUBLIC),
        FactSpec("market_share", "market_position", _("Market share"), "number", "%"),
        FactSpec("industry_rank", "market_position", _("Rank in the industry"), "number"),
        FactSpec("employees", "capability", _("Employees"), "number", field_class=_PUBLIC),
        FactSpec("annual_output", "capability", _("Yearly output"), "number", _("t")),
        FactSpec("equipment_level", "capability", _("Level of equipment"), "score"),
        FactSpec("certificates", "capability", _("Certificates"), field_class=_PUBLIC),
        FactSpec("innovation", "capability", _("Innovation"), "score"),
        FactSpec("annual_demand", "potential", _("Yearly demand"), "number", _("t")),
        FactSpec("annual_purchases", "potential", _("Yearly purchases"), "number", _("10k yuan")),
        FactSpec("growth_expected", "potential", _("Growth expected"), "number", "%"),
        FactSpec("strategic_fit", "potential", _("Strategic fit"), "score"),
        FactSpec("cooperation_depth", "potential", _("Depth of cooperation"), "score"),
        FactSpec("new_projects", "potential", _("New projects")),
        FactSpec("business_philosophy", "philosophy", _("Business philosophy")),
        FactSpec("quality_attitude", "philosophy", _("Attitude to quality")),
        FactSpec("price_sensitivity", "philosophy", _("Sensitivity to price"), "score"),
        FactSpec("industry_reputation", "reputation", _("Reputation in the industry"), "score"),
        FactSpec("lawsuits", "reputation", _("Lawsuits")),
        FactSpec("environmental_record", "reputation", _("Environmental record")),
        FactSpec("registered_capital", "finance", _("Registered capital"), "number", _("10k yuan"), _SECRET),
        FactSpec("annual_turnover", "finance", _("Yearly turnover"), "number", _("10k yuan"), _SECRET),
        FactSpec("debt_ratio", "finance", _("Debt ratio"), "number", "%", _SECRET),
        FactSpec("profit_margin", "finance", _("Profit margin"), "number", "%", _SECRET),
        FactSpec("credit_grade", "credit", _("Credit grade"), field_class=_SECRET),
        FactSpec("credit_rating", "credit", _("Credit rating"), field_class=_SECRET),
        FactSpec("credit_limit", "credit", _("Credit limit"), "number", _("10k yuan"), _SECRET),
        FactSpec("payment_days", "credit", _("Payment days"), "number", _("days"), _SECRET),
    )
}


def fact_class(section: str, name: str) -> FieldClass:
    """The class of a fact; the stricter one where its section and the catalogue differ."""
    if section in SECRET_SECTIONS:
        return FieldClass.SECRET
    known = CATALOGUE.get(name)
    return FieldClass.COMMERCIAL if known is None else known.field_class


def fact_label(name: str) -> Label:
    """What a fact is called; its own name where the catalogue has none."""
    known = CATALOGUE.get(name)
    return name if known is None else known.label


def fact_unit(name: str) -> Label:
    known = CATALOGUE.get(name)
    return "" if known is None else known.unit


def section_label(section: str) -> Label:
    return SECTIONS.get(section, section)
