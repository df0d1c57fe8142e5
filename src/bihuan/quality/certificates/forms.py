"""Forms of certificates. They ask and read; what is right, the services say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from ..models import Certificate, CertificateTemplate, Lot, ProductPublication
from . import queries

Kind = Certificate.Kind


class AboutForm(LookForm):
    """Which lot, which kind of certificate."""

    lot = forms.CharField(
        label=pgettext_lazy("lot", "Lot"), max_length=130, help_text=_("Product code and number: A/12")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)


class ForWhomForm(LookForm):
    """For whom, and with which other lots, once the lot is known."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    customer = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Customer"),
        required=False,
        empty_label=pgettext_lazy("certificate", "Nobody in particular"),
    )
    more: Any = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Further lots on it"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        actor: Actor,
        lot: Lot,
        offered: Sequence[Lot],
        kept: Sequence[Lot],
        data: Any = None,
        *,
        day: date,
    ) -> None:
        """`offered`: the lots that may stand on it beside this one; `kept` those that stand on it now. `day`: today."""
        super().__init__(data)
        field: Any = self.fields["customer"]
        field.queryset = queries.customers_for(actor, lot, day)
        further: Any = self.fields["more"]
        further.queryset = Lot.objects.none()
        further.choices = [
            (one.pk, _named(one)) for one in {each.pk: each for each in (*kept, *offered)}.values()
        ]
        if not further.choices:
            del self.fields["more"]


def _named(lot: Lot) -> str:
    order = getattr(lot, "kept_for", None)  # of `lots_offered`
    return (
        say("%(lot)s, reserved for %(order)s") % {"lot": lot.number, "order": order} if order else lot.number
    )


class SignForm(LookForm):
    """What is asked before signing; fields that do not apply are left out."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(label=_("Why the version before is superseded"), max_length=300, required=False)
    post = forms.CharField(label=_("Your post, as it is printed"), max_length=80, required=False)
    recipients: Any = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Send it to"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, actor: Actor, customer: Customer | None, is_next: bool, data: Any = None, **more: Any
    ) -> None:
        super().__init__(data, **more)
        field: Any = self.fields["recipients"]
        field.queryset = queries.contacts_for(actor, customer)
        if not field.queryset:
            del self.fields["recipients"]
        if not is_next:
            del self.fields["reason"]


class TemplateForm(LookForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    language = forms.ChoiceField(label=_("Language"), choices=CertificateTemplate.Language.choices)
    standard = forms.CharField(label=_("Standard"), max_length=120, required=False)
    statement = forms.CharField(
        label=_("Statement"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Empty: as in the industry's own."),
    )  # fmt: skip
    characteristics = forms.CharField(
        label=_("Characteristics"), max_length=500, required=False, help_text=_("Codes in the order to print; empty: all."),
    )  # fmt: skip


class PublicationForm(LookForm):
    gtin = forms.CharField(label="GTIN", max_length=14, required=False, help_text=_("8, 12, 13 or 14 digits"))
    shows_dates = forms.BooleanField(label=_("Dates made and usable until"), required=False)
    shows_storage = forms.BooleanField(label=_("How to store it"), required=False)
    storage = forms.CharField(label=_("Storage"), max_length=200, required=False)
    storage_en = forms.CharField(label=_("Storage, in English"), max_length=200, required=False)
    shows_certificate = forms.BooleanField(
        label=_("Certificate of analysis or mill certificate"), required=False
    )
    shows_origin = forms.BooleanField(label=_("Where its raw materials come from"), required=False)

    @staticmethod
    def known(row: ProductPublication | None) -> dict[str, Any]:
        return {} if row is None else {name: getattr(row, name) for name in PublicationForm.base_fields}
