"""Forms of cases. They ask and read; what is right, the services say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.customers.models import Contact, Customer
from bihuan.customers.queries import contacts_of
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.people.access import STAFF
from bihuan.people.access_table import ROLES
from bihuan.people.actors import present_table

from .errors import CaseError
from .models import Case, CaseClock
from .promised import Promised
from .queries import others_of
from .rules import MUST_NAME_CAUSE
from .services.working import OWN_STEPS

Fields = dict[str, forms.Field]


def box(label: Any, rows: int = 4, *, required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=10_000, required=required, widget=forms.Textarea({"rows": rows}), **more
    )


class NewCaseForm(LookForm):
    """One box and three more: whose, what kind, how grave; for a customer that is known, who asked."""

    other = forms.IntegerField(
        label=_("Customer"), error_messages={"required": _("Pick a customer from the list.")}
    )
    text = box(pgettext_lazy("case", "What happened"))
    kind = forms.ChoiceField(label=_("Kind"))
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Contact"), required=False, empty_label="–"
    )

    def __init__(
        self, *args: Any, actor: Actor, promised: Promised, customer: Customer | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["other"].widget = forms.HiddenInput()
        if customer is not None:  # else the search for one comes first
            self.fields["text"].widget.attrs["autofocus"] = True
        self.fields["kind"].choices = list(promised.kind_labels().items())  # type: ignore[attr-defined]
        self.fields["severity"].choices = [  # type: ignore[attr-defined]
            ("", _say("as the kind says")), *promised.severity_labels().items(),
        ]  # fmt: skip
        if customer is None:
            del self.fields["contact"]
        else:
            known = [one.pk for one in contacts_of(actor, customer) if one.is_active]
            self.fields["contact"].queryset = Contact.objects.filter(pk__in=known)  # type: ignore[attr-defined]
        if customer is not None:
            self.fields["other"].initial = customer.pk


class NoteForm(LookForm):
    text = box(pgettext_lazy("case", "Note"), 3)
    is_technical = forms.BooleanField(label=_("Only for who reads technical data"), required=False)

    def __init__(self, *args: Any, actor: Actor, case: Case | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if not actor.may("case", "note", FieldClass.TECHNICAL):
            del self.fields["is_technical"]
        if case is not None:  # colleagues are offered after “@”
            self.fields["text"].widget.attrs |= {
                "data-mentions": reverse("case_mentions", args=[case.pk]), "role": "combobox", "aria-expanded": "false",
                "aria-controls": "mention-list", "aria-autocomplete": "list",
                "placeholder": _say("@ names a colleague"),
            }  # fmt: skip


def step_form(step: str, data: Any, *, actor: Actor, case: Case, promised: Promised) -> forms.Form:
    """The form of one step on a case."""
    made = type("StepForm", (LookForm,), dict(fields_for(step, actor, case, promised)))
    form: forms.Form = made(data)
    return form


def fields_for(step: str, actor: Actor, case: Case, promised: Promised) -> Fields:
    """What a step asks. Fields of a class that the actor may not write are left out."""
    sees_technical = actor.may("case", "edit", FieldClass.TECHNICAL)
    cause: Fields = (
        {"cause": box(pgettext_lazy("case", "Cause"), 2, required=False)} if sees_technical else {}
    )
    reason: Fields = {"reason": forms.CharField(label=_("Reason"), max_length=500, required=False)}
    match step:
        case "respond":
            return {"text": box(_("Answer to the customer"))}
        case "pause":
            reasons = [(one, promised.pause_label(one)) for one in promised.pause_reasons]
            return {"reason": forms.ChoiceField(label=_("What the case waits for"), choices=reasons)}
        case "on-site" | "keep":
            note: Fields = {"text": box(pgettext_lazy("case", "Note"), 3, required=False)}
            return {"kind": _open_promises(case, promised), **note} if step == "keep" else note
        case "work-around":
            return {"text": box(_("What keeps the customer going"))}
        case "solve":
            return {"solution": box(pgettext_lazy("case", "Solution")), **cause}
        case "call-back":
            scale = [(str(one), str(one)) for one in range(5, 0, -1)]
            return {
                "satisfaction": forms.TypedChoiceField(
                    label=_("Satisfaction, 5 is best"), choices=scale, coerce=int
                ),
                "text": box(_("What the customer said"), 3, required=False),
            }
        case "close":
            needs_cause = case.kind in MUST_NAME_CAUSE and not case.cause
            reason["reason"].label = _("Why no call-back was made, if so")
            return {**(cause if needs_cause else {}), **reason}
        case "reopen":
            return {"reason": box(_("Why it is open again"), 3)}
        case "reassign":
            table = present_table()
            able = [role for role in ROLES if table.grant(role, "case", "edit").scope]
            people = STAFF.visible_to(actor).filter(is_active=True, roles__role__in=able)
            return {
                "owner": forms.ModelChoiceField(
                    people.distinct().order_by("name"), label=pgettext_lazy("case", "Handled by"), empty_label="–", initial=case.owner_id,
                    widget=forms.Select({"data-search-select": ""}),
                ),
                **reason,
            }  # fmt: skip
        case "change":
            return {
                "severity": forms.TypedChoiceField(
                    label=_("Severity"), choices=promised.severity_labels().items(), coerce=int, initial=case.severity
                ),
                "urgency": forms.ChoiceField(
                    label=_("Urgency"), choices=promised.urgency_labels().items(), initial=case.urgency
                ),
                "kind": forms.ChoiceField(
                    label=_("Kind"), choices=promised.kind_labels().items(), initial=case.kind
                ),
                **reason,
            }  # fmt: skip
        case "stage":
            labels = promised.stage_labels()
            fitting = [
                (one.id, labels[one.id]) for one in promised.matrix.statuses if one.category == case.status
            ]
            return {"stage": forms.ChoiceField(label=_("Status"), choices=fitting, initial=case.stage)}
        case "merge":
            others = [(one.pk, f"{one.number} {one.title}") for one in others_of(actor, case)]
            return {
                "into": forms.TypedChoiceField(
                    label=_("Merge into"), choices=others, coerce=int, empty_value=None
                )
            }
    return {}


def _open_promises(case: Case, promised: Promised) -> forms.ChoiceField:
    kinds = CaseClock.objects.filter(case=case, stopped_at=None).order_by("due_at")
    choices = [
        (kind, promised.clock_label(kind))
        for kind in kinds.values_list("kind", flat=True)
        if kind not in {*OWN_STEPS, "on_site", "workaround"} and promised.event_that_stops(kind)
    ]
    return forms.ChoiceField(label=_("What was done"), choices=choices)


def put_error(form: forms.Form, error: CaseError) -> None:
    """A refusal beside the field that it is about."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
