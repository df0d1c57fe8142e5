"""Forms of investigations and quality costs. They ask and read; what is right, the services say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.catalog.models import Product
from bihuan.catalog.records import PRODUCT
from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date, now
from bihuan.people.access import STAFF
from bihuan.people.models import User

from .forms import Fields, box
from .investigation_rules import ROOTS, STEPS
from .investigation_wording import STEP_WORDS
from .models import Case, Factor, Finding, Investigation, InvestigationAction, QualityCost
from .promised import Promised, promised_now
from .queries_investigation import open_investigations


def line(label: Any, *, required: bool = True, length: int = 500, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required, **more)


def day(label: Any, *, initial: Any = None) -> forms.DateField:
    return forms.DateField(
        label=label, initial=initial, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


def person(actor: Actor, label: Any, **more: Any) -> forms.ModelChoiceField[User]:
    people = STAFF.visible_to(actor).filter(is_active=True).order_by("name")
    return forms.ModelChoiceField(
        people, label=label, empty_label="–", widget=forms.Select({"data-search-select": ""}), **more
    )


def _people(actor: Actor, **more: Any) -> forms.ModelMultipleChoiceField:
    people = STAFF.visible_to(actor).filter(is_active=True).order_by("name")
    return forms.ModelMultipleChoiceField(
        people,
        label=_("Members"),
        required=False,
        widget=forms.SelectMultiple({"data-search-select": ""}),
        **more,
    )


def _products(actor: Actor, **more: Any) -> forms.ModelChoiceField[Product]:
    products = PRODUCT.visible_to(actor).order_by("name")
    return forms.ModelChoiceField(
        products, label=_("Product"), required=False, empty_label="–",
        widget=forms.Select({"data-search-select": ""}), **more,
    )  # fmt: skip


def _factor(*, required: bool) -> forms.ChoiceField:
    choices = Factor.choices if required else [("", "–"), *Factor.choices]
    return forms.ChoiceField(label=_("Branch (6M)"), choices=choices, required=required)


def made_form(fields: Fields, data: Any) -> forms.Form:
    return type("EntryForm", (LookForm,), dict(fields))(data)


def entry_fields(what: str, of: str, actor: Actor, row: Investigation, written: str) -> Fields | None:
    """What one entry on an investigation's page asks for; None for what there is not."""
    today = local_date(now())
    if what == "write" and of in STEPS:
        return {"text": box(STEP_WORDS[of], 6, initial=written)}
    if what in Finding.Part.values:
        found: Fields = {"text": line(Finding.Part(what).label)}
        if what in (*ROOTS, Finding.Part.FISHBONE):
            found["factor"] = _factor(required=True)
        if what in ROOTS:
            found["evidence"] = line(pgettext_lazy("finding", "Evidence"))
        return found
    if what in InvestigationAction.Kind.values:
        return {
            "text": line(InvestigationAction.Kind(what).label),
            "owner": person(actor, _("Done by"), required=False),
            "due_on": day(pgettext_lazy("action", "Due")),
        }
    match what:
        case "finish" if of in STEPS:
            return {}
        case "withdraw":
            return {}
        case "done":
            return {"done_on": day(_("Done on"), initial=today)}
        case "effect":
            return {
                "is_effective": _yes_or_no(_("Did it work?")),
                "effect": line(_("What shows it")),
                "checked_on": day(_("Checked on"), initial=today),
            }
        case "observe":
            return {
                "observed_on": day(_("Observed on"), initial=today),
                "text": line(_("What was observed, with n")),
                "is_good": _yes_or_no(_("Is it gone?")),
            }
        case "change":
            return {
                "title": line(_("What is investigated"), length=120, initial=row.title),
                "kind": forms.ChoiceField(
                    label=_("Kind"), choices=Investigation.Kind.choices, initial=row.kind
                ),
                "severity": forms.TypedChoiceField(
                    label=_("Severity"), choices=promised_now().severity_labels().items(), coerce=int,
                    initial=row.severity,
                ),
                "defect": line(_("Defect"), required=False, length=80, initial=row.defect),
                "product": _products(actor, initial=row.product_id),
            }  # fmt: skip
        case "team":
            return {
                "owner": person(actor, pgettext_lazy("investigation", "Led by"), initial=row.owner_id),
                "members": _people(actor, initial=list(row.members.values_list("pk", flat=True))),
            }
        case "pause":
            promised = promised_now()
            reasons = [(one, promised.pause_label(one)) for one in promised.matrix.on_steps.pausing]
            return {"reason": forms.ChoiceField(label=_("What the investigation waits for"), choices=reasons)}
        case "resume":
            return {}
        case "reopen":
            steps = [(one, str(STEP_WORDS[one])) for one in STEPS]
            return {
                "reason": line(_("Why it is open again")),
                "step": forms.ChoiceField(label=_("Begin again with"), choices=steps, initial="d4"),
            }
    return None


def _yes_or_no(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=(("1", _("Yes")), ("0", _("No"))), coerce=lambda text: text == "1"
    )


def new_investigation_form(data: Any, actor: Actor, promised: Promised, cases: list[Case]) -> forms.Form:
    """A box for what is investigated; the rest has values that usually fit."""
    first = cases[0] if cases else None
    severity = min((one.severity for one in cases), default=2)
    return made_form(
        {
            "title": line(_("What is investigated"), length=120, initial=first.title if first else ""),
            "kind": forms.ChoiceField(label=_("Kind"), choices=Investigation.Kind.choices),
            "severity": forms.TypedChoiceField(
                label=_("Severity"), choices=promised.severity_labels().items(), coerce=int, initial=severity
            ),
            "defect": line(_("Defect"), required=False, length=80),
            "product": _products(actor),
            "members": _people(actor),
        },
        data,
    )


def join_form(data: Any, actor: Actor) -> forms.Form:
    choices = [(one.pk, f"{one.number} {one.title}") for one in open_investigations(actor)]
    return made_form(
        {"investigation": forms.TypedChoiceField(label=_("Investigation"), choices=choices, coerce=int)}, data
    )


def _amount() -> forms.DecimalField:
    return forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=6)


def case_cost_form(data: Any, actor: Actor) -> forms.Form:
    return made_form(
        {
            "amount": _amount(),
            "factor": _factor(required=False),
            "product": _products(actor),
            "text": line(_("What it consists of"), required=False, length=300),
        },
        data,
    )


def cost_form(data: Any, actor: Actor) -> forms.Form:
    """The customer, if any, is picked in the dialog (`other`)."""
    return made_form(
        {
            "other": forms.IntegerField(required=False, widget=forms.HiddenInput()),
            "category": forms.ChoiceField(label=_("Category"), choices=QualityCost.Category.choices),
            "amount": _amount(),
            "incurred_on": day(_("Date"), initial=local_date(now())),
            "factor": _factor(required=False),
            "product": _products(actor),
            "text": line(_("What it consists of"), required=False, length=300),
        },
        data,
    )


def reversal_form(data: Any) -> forms.Form:
    return made_form({"reason": line(_("Why it is reversed"), length=300)}, data)
