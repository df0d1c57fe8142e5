"""The dialogs of the warehouse."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.labels import said_unit
from bihuan.kernel.pages.values import write_quantity
from bihuan.kernel.time import company_zone, local_date
from bihuan.sales.models import Order

from ..lots.forms import why_untested
from ..models import Lot
from . import queries


def _amount() -> forms.DecimalField:
    return forms.DecimalField(
        label=gettext_lazy("Quantity"), min_value=0, max_digits=18, decimal_places=6,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
    )  # fmt: skip


class _PostForm(LookForm):
    """`number` is proposed anew each time a dialog opens, so that a dialog sent twice is one posting and two dialogs are two.

    `opened` is when that was: with today's date it is the moment of the posting.
    """

    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    number = forms.CharField(label=pgettext_lazy("posting", "Document"), max_length=80)
    opened = forms.DateTimeField(widget=forms.HiddenInput)

    mark = ""

    def __init__(self, *args: Any, lot: Lot, now: datetime, **more: Any) -> None:
        day = local_date(now)
        proposed = {
            "date": day,
            "opened": now.isoformat(),
            "number": f"{self.mark}{day:%Y%m%d}-{secrets.token_hex(3).upper()}",
        }
        super().__init__(*args, initial=proposed, **more)
        quantity: Any = self.fields["quantity"]
        quantity.label = f"{quantity.label} ({said_unit(lot.unit)})" if lot.unit else quantity.label
        self.fields["date"].widget.attrs["max"] = day.isoformat()

    def moment(self) -> datetime:
        """Of a valid form; noon of another day than the one on which it was opened."""
        opened: datetime = self.cleaned_data["opened"]
        day: date = self.cleaned_data["date"]
        return opened if local_date(opened) == day else datetime.combine(day, time(12), company_zone())


class OrderField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Order) -> str:
        return f"{obj.number} · {obj.customer.name if obj.customer else ''}"


class ShipForm(_PostForm):
    mark = "FH"

    order = OrderField(
        Order.objects.none(), label=gettext_lazy("Order"), required=False,
        empty_label=pgettext_lazy("shipping", "Without an order"),
    )  # fmt: skip
    customer = forms.CharField(
        label=gettext_lazy("Customer"), max_length=200, required=False,
        help_text=gettext_lazy("Only where there is no order: the full name or the code."),
    )  # fmt: skip
    quantity = _amount()
    note = forms.CharField(label=pgettext_lazy("shipping", "Note"), max_length=300, required=False)
    field_order = ("order", "customer", "quantity", "date", "number", "note")

    def __init__(self, data: Any, *, actor: Actor, lot: Lot, **more: Any) -> None:
        super().__init__(data, lot=lot, **more)
        if data and "untested" in data:
            self.ask_why("")
        self.actor = actor
        orders: Any = self.fields["order"]
        orders.queryset = queries.open_orders(actor, lot)
        if lot.quantity is not None:
            self.fields["quantity"].help_text = _("In stock: %(amount)s") % {
                "amount": write_quantity(lot.quantity)
            }

    def ask_why(self, error: str) -> None:
        """The customer turned out to have limits for which the lot was not tested: from now on the dialog asks for the reason."""
        self.fields.setdefault("untested", why_untested())
        if error:
            self.add_error("untested", error)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        order, name = given.get("order"), given.get("customer", "")
        if "order" in self.errors:
            return given
        if order is None and not name:
            self.add_error("order", _("Choose an order, or name the customer."))
            return given
        found = queries.customer_called(self.actor, name) if order is None or name else order.customer
        if found is None:
            self.add_error("customer", _("There is no single customer of that name or code."))
        given["to"] = found
        return given


class ReturnForm(_PostForm):
    mark = "TH"

    customer = forms.TypedChoiceField(label=gettext_lazy("Customer"), coerce=int)
    quantity = _amount()
    reason = forms.CharField(
        label=pgettext_lazy("lot", "Reason"), max_length=200, widget=forms.Textarea({"rows": 2})
    )
    field_order = ("customer", "quantity", "date", "number", "reason")

    def __init__(self, *args: Any, actor: Actor, lot: Lot, **more: Any) -> None:
        super().__init__(*args, lot=lot, **more)
        customers: Any = self.fields["customer"]
        customers.choices = [
            (key, f"{name} · {write_quantity(had)}") for key, name, had in queries.having(actor, lot)
        ]
