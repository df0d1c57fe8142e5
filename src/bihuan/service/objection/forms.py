"""Forms of objections. They ask and read; what is right, the services say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.catalog.records import PRODUCT
from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.fields import plain
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.time import local_date, now
from bihuan.people.company import company_name

from ..forms import Fields, box
from ..forms_investigation import day, line
from ..models import Objection, ObjectionEvent, ObjectionSample
from ..promised import promised_now
from .facts import Stands, matrix_now
from .offers import Part
from .rules import is_late, is_small, lacks
from .showing import may_dispute
from .wording import FIELD_WORDS, STAGE_WORDS

COMMERCIAL = FieldClass.COMMERCIAL


def made_form(fields: Fields, data: Any, files: Any = None) -> forms.Form:
    form: forms.Form = type("ObjectionForm", (LookForm,), dict(fields))(data, files)
    return form


def number(
    label: Any, *, places: int = 6, required: bool = False, initial: Decimal | None = None
) -> forms.DecimalField:
    """`initial` without the zeros that it is kept with."""
    return forms.DecimalField(
        label=label, max_digits=18, decimal_places=places, required=required,
        initial=None if initial is None else plain(initial),
    )  # fmt: skip


def _day(label: Any, initial: Any, *, required: bool = True) -> forms.DateField:
    field = day(label, initial=initial)
    field.required = required
    return field


def intake_fields(actor: Actor, row: Objection | None, title: str = "") -> Fields:
    """What the customer says. Amounts only for who writes them."""

    def known(name: str, otherwise: Any = None) -> Any:
        return otherwise if row is None else getattr(row, name)

    words = FIELD_WORDS
    products = PRODUCT.visible_to(actor).order_by("name")
    found: Fields = {
        "raised_on": _day(words["raised_on"], known("raised_on", local_date(now()))),
        "received_on": _day(words["received_on"], known("received_on"), required=False),
        "product": forms.ModelChoiceField(
            products, label=words["product"], required=False, empty_label="–", initial=known("product_id"),
            widget=forms.Select({"data-search-select": ""}),
        ),
        "lot": line(words["lot"], required=False, length=60, initial=known("lot")),
        "contract": line(words["contract"], required=False, length=60, initial=known("contract")),
        "specification": line(words["specification"], required=False, length=120, initial=known("specification")),
        "about": forms.ChoiceField(label=words["about"], choices=Objection.About.choices, initial=known("about", "quality")),
        "quantity_delivered": number(words["quantity_delivered"], initial=known("quantity_delivered")),
        "quantity_claimed": number(words["quantity_claimed"], initial=known("quantity_claimed")),
        "unit": line(words["unit"], required=False, length=12, initial=known("unit")),
        "defect": box(words["defect"], 2, initial=known("defect", title)),
        "location": line(words["location"], required=False, length=200, initial=known("location")),
        "remedy_wanted": line(words["remedy_wanted"], required=False, length=200, initial=known("remedy_wanted")),
        "amount_claimed": number(words["amount_claimed"], places=2, initial=known("amount_claimed")),
        "resale_chain": line(words["resale_chain"], required=False, initial=known("resale_chain")),
        "is_use_stopped": forms.BooleanField(label=words["is_use_stopped"], required=False, initial=known("is_use_stopped")),
        "are_tags_kept": forms.BooleanField(label=words["are_tags_kept"], required=False, initial=known("are_tags_kept")),
    }  # fmt: skip
    if not actor.may("objection", "create" if row is None else "edit", COMMERCIAL):
        del found["amount_claimed"]
    return found


def fields_for(what: str, actor: Actor, found: Stands) -> Fields | None:
    """What one step asks; None for what there is not."""
    matrix, facts, today = matrix_now(), found.facts, local_date(now())
    match what:
        case "change":
            return intake_fields(actor, found.row)
        case "paper":
            missing = set(facts.papers_missing)
            papers = sorted(matrix.objections.papers, key=lambda one: one.id not in missing)
            return {
                "paper": forms.ChoiceField(
                    label=pgettext_lazy("objection", "Paper"),
                    choices=[(one.id, in_language(one.label)) for one in papers],
                ),
                "file": _upload(),
            }
        case "admitted":
            wanted: Fields = {}
            if is_late(facts):
                wanted["late_reason"] = line(_("Why it is admitted after the window"))
            if is_small(facts):
                wanted["small_reason"] = line(_("Why it is admitted within the tolerance"))
            return wanted
        case "refused":
            reasons = [(one.id, in_language(one.label)) for one in matrix.objections.refusal_reasons]
            return {
                "reason": forms.ChoiceField(label=_("Reason"), choices=reasons),
                "text": box(_("Answer to the customer")),
            }
        case "withdrawn":
            return {"text": box(_("How the customer withdrew it"), 3)}
        case "acknowledged":
            return {"text": box(_("Answer to the customer"))}
        case "assessed":
            return {
                "severity": forms.TypedChoiceField(
                    label=_("Severity"), choices=promised_now().severity_labels().items(), coerce=int,
                    initial=found.row.case.severity,
                )
            }  # fmt: skip
        case "on-site":
            return {"text": box(pgettext_lazy("case", "Note"), 3, required=False)}
        case "sample":
            return _sample_fields()
        case "result":
            return _result_fields(found)
        case "dispute":
            return _dispute_fields(found)
        case "checked":
            if lacks("checked", facts) in ("not_on_site", "no_sample"):
                return {"no_check_reason": line(_("Why no joint sample is needed"))}
            return {}
        case "liability":
            return {
                **{
                    f"share_{one.id}": number(f"{in_language(one.label)} %", places=2, initial=facts.shares.get(one.id))
                    for one in matrix.objections.liabilities
                },
                "text": line(_("On what ground"), required=False),
            }  # fmt: skip
        case "offer":
            return _offer_fields(found)
        case "approve" if found.offer is not None:
            return {
                "version": forms.IntegerField(widget=forms.HiddenInput(), initial=found.offer.version),
            }
        case "agreement":
            last = ObjectionEvent.objects.filter(kind="agreement").order_by("-id").first()
            return {
                "seller": line(
                    _("In whose name we sign"),
                    length=120,
                    initial=last.data.get("seller") if last else company_name(),
                )
            }
        case "copy":
            return {"signed_on": _day(_("Signed on"), today), "file": _upload()}
        case "corrected":
            return (
                {}
                if facts.has_investigation
                else {"correction": box(_("What was done against the cause"), 3)}
            )
        case "effective":
            return (
                {}
                if facts.has_investigation
                else {"effect_text": box(_("What shows that it has not come again"), 3)}
            )
        case "reopen":
            stages = [(one, STAGE_WORDS[one]) for one in reversed(STAGE_WORDS) if one in facts.done]
            asked_again: Fields = {} if facts.is_refused or facts.is_withdrawn else {
                "stage": forms.ChoiceField(label=_("Begin again with"), choices=stages)
            }  # fmt: skip
            return {**asked_again, "reason": line(_("Why it is open again"))}
        case "submitted" | "proposal" | "signed" | "settled" | "closed":
            return {}
    return None


def _upload() -> forms.FileField:
    return forms.FileField(
        label=_("File"), widget=forms.ClearableFileInput({"accept": "image/*,application/pdf"})
    )


def _sample_fields() -> Fields:
    return {
        "number": line(_("Sample number"), length=60),
        "taken_on": _day(_("Taken on"), local_date(now())),
        "place": line(_("Where it was taken"), length=200),
        "ours_present": line(_("Present for us"), length=200),
        "theirs_present": line(_("Present for the customer"), length=200),
        "retained_number": line(_("Number of the retained sample"), length=60),
        "is_sealed": forms.BooleanField(label=_("The retained sample is sealed"), required=False),
        "countersigned_by_us": line(_("Countersigned for us by"), required=False, length=100),
        "countersigned_by_them": line(_("Countersigned for the customer by"), required=False, length=100),
        "laboratory": line(_("Laboratory"), required=False, length=120),
        "is_referee": forms.BooleanField(label=_("It is the referee laboratory"), required=False),
    }


def _result_fields(found: Stands) -> Fields:
    # What waits first: no result yet, then the retained sample of a disputed one.
    samples = sorted(
        (one for one in found.samples if one.retested_at is None),
        key=lambda one: (one.result_on is not None, one.disputed_at is None),
    )
    return {
        "sample": forms.TypedChoiceField(
            label=_("Sample"), choices=[(one.pk, _tested(one)) for one in samples], coerce=int
        ),
        "result": line(_("What was found")),
        "is_conforming": forms.TypedChoiceField(
            label=_("As agreed?"), choices=(("0", _("No")), ("1", _("Yes"))), coerce=lambda text: text == "1"
        ),
        "result_on": _day(_("Tested on"), local_date(now())),
        "laboratory": line(_("Laboratory"), required=False, length=120),
    }


def _tested(one: ObjectionSample) -> str:
    """The number of what is tested: of a disputed result the retained sample's."""
    if one.disputed_at is None:
        return one.number
    return str(_("%(number)s (retained sample of %(first)s)")) % {
        "number": one.retained_number,
        "first": one.number,
    }


def _dispute_fields(found: Stands) -> Fields:
    samples = [one for one in found.samples if may_dispute(one)]
    return {
        "sample": forms.TypedChoiceField(
            label=_("Sample"), choices=[(one.pk, f"{one.number}: {one.result}"[:80]) for one in samples], coerce=int
        ),
        "text": box(_("Who disputes it, and why"), 2),
    }  # fmt: skip


def _offer_fields(found: Stands) -> Fields:
    last = found.offer
    parts = {one.remedy: one for one in last.remedies.all()} if last else {}
    fields: Fields = {
        "quantity_accepted": number(
            _("Quantity accepted"), required=True,
            initial=last.quantity_accepted if last else found.row.quantity_claimed,
        )
    }  # fmt: skip
    for one in matrix_now().approvals.remedies:
        label = in_language(one.label)
        known = parts.get(one.id)
        fields[f"amount_{one.id}"] = number(
            _("%(remedy)s, amount") % {"remedy": label}, places=2, initial=known.amount if known else None
        )
        if one.id in ("return", "replacement", "rework"):
            fields[f"quantity_{one.id}"] = number(
                _("%(remedy)s, quantity") % {"remedy": label}, initial=known.quantity if known else None
            )
    fields["text"] = box(_("What else is agreed"), 2, required=False, initial=last.text if last else "")
    return fields


def parts_of(given: Mapping[str, Any]) -> dict[str, Part]:
    """The remedies that were filled in; one with a quantity alone is worth nothing in money."""
    found = {}
    for one in matrix_now().approvals.remedies:
        amount, quantity = given.get(f"amount_{one.id}"), given.get(f"quantity_{one.id}")
        if amount is not None or quantity is not None:
            found[one.id] = Part(Decimal(0) if amount is None else amount, quantity)
    return found


def shares_of(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        one.id: given[f"share_{one.id}"]
        for one in matrix_now().objections.liabilities
        if given.get(f"share_{one.id}") is not None
    }
