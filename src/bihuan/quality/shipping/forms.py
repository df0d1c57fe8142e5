"""The dialogs of the warehouse."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.labels import said_unit
from bihuan.kernel.pages.values import write, write_quantity
from bihuan.kernel.time import company_zone, local_date
from bihuan.sales.models import OrderLine

from ..lots.forms import why_untested
from ..models import Lot, LotShipment
from ..records import LOT_SHIPMENT
from . import queries
from .reserved import held_for, kept


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


class LineField(forms.ModelChoiceField):
    """Any open line counts; the list shows forty, and says so."""

    def offer(self, found: queries.Offered, unit: str) -> None:
        """Call once the field is bound to its form; `unit`: of the product."""
        choices: list[tuple[Any, Any]] = [("", self.empty_label)] if self.empty_label else []
        choices += [(one.pk, said_line(one, unit, found.reserved.get(one.pk))) for one in found.lines]
        if found.more:
            choices.append(("", _("… and more: find others above")))
        self.widget.choices = choices


def said_line(line: OrderLine, unit: str, reserved: Decimal | None) -> str:
    """An order's line in one line: number, customer, how much, until when, what is reserved of the lot."""
    order = line.order
    amount = f"{write_quantity(line.quantity)} {said_unit(unit)}".strip()
    said = [f"{order.number} / {line.ordinal}", order.customer.name if order.customer else "", amount]
    if line.promised_on:
        said.append(_("promised %(day)s") % {"day": write("date", line.promised_on)})
    if reserved is not None:
        said.append(_("reserved %(amount)s") % {"amount": write_quantity(reserved)})
    return " · ".join(one for one in said if one)


class _LineForm(LookForm):
    """Chooses a line of an open order; `find` narrows what is offered, and asks the dialog's own address for it."""

    find = forms.CharField(
        label=pgettext_lazy("shipping", "Find the order"), max_length=100, required=False,
        help_text=gettext_lazy("Part of its number or of the customer's name."),
    )  # fmt: skip
    line = LineField(
        OrderLine.objects.none(), label=gettext_lazy("Order"), required=False,
        empty_label=pgettext_lazy("shipping", "Without an order"),
    )  # fmt: skip

    def offer(self, actor: Actor, lot: Lot, now: datetime, address: str) -> None:
        line: Any = self.fields["line"]
        line.queryset = queries.open_lines(actor, lot).select_related("order__customer")
        given = str(self.data.get("line", "") or self.initial.get("line", "") or "")
        text = str(self.data.get("find", "") or self.initial.get("find", "") or "").strip()
        chosen = int(given) if given.isdecimal() and len(given) < 19 else None
        line.offer(queries.offered(actor, lot, local_date(now), text, chosen), lot.product.unit)
        self.fields["find"].widget = forms.TextInput(
            {
                "type": "search", "class": "form-control", "autocomplete": "off", "maxlength": "100", "hx-get": address,
                "hx-trigger": "input changed delay:300ms", "hx-target": "#id_line", "hx-select": "#id_line",
                "hx-swap": "outerHTML", "hx-include": "#id_line", "hx-sync": "this:replace", "hx-push-url": "false",
            }
        )  # fmt: skip


class ShipForm(_PostForm, _LineForm):
    mark = "FH"

    customer = forms.CharField(
        label=gettext_lazy("Customer"), max_length=200, required=False,
        help_text=gettext_lazy("Only where there is no order: the full name or the code."),
    )  # fmt: skip
    quantity = _amount()
    note = forms.CharField(label=pgettext_lazy("shipping", "Note"), max_length=300, required=False)
    field_order = ("find", "line", "customer", "quantity", "date", "number", "note")

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        lot: Lot,
        now: datetime,
        asked: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, lot=lot, now=now, **more)
        if "untested" in self.data:
            self.ask_why("")
        self.actor = actor
        wanted = ("find", "line", "quantity")
        self.initial.update({key: value for key, value in (asked or {}).items() if key in wanted})
        self.offer(actor, lot, now, reverse("lot_ship", args=[lot.pk]))
        self.fields["quantity"].help_text = said_free(lot, now)

    def ask_why(self, error: str) -> None:
        """The customer turned out to have limits for which the lot was not tested: from now on the dialog asks for the reason."""
        self.fields.setdefault("untested", why_untested())
        if error:
            self.add_error("untested", error)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        line, name = given.get("line"), given.get("customer", "")
        if "line" in self.errors:
            return given
        if line is None and not name:
            self.add_error("line", _("Choose an order, or name the customer."))
            return given
        found = queries.customer_called(self.actor, name) if line is None or name else line.order.customer
        if found is None:
            self.add_error("customer", _("There is no single customer of that name or code."))
        given["to"] = found
        return given


class ReserveForm(_LineForm):
    """`key` is made when the dialog opens, so that a dialog sent twice is one reservation."""

    quantity = _amount()
    until = forms.DateField(
        label=pgettext_lazy("reservation", "Until"), required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day. After it the goods are free again; without one they stay reserved."),
    )  # fmt: skip
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    field_order = ("find", "line", "quantity", "until")

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        lot: Lot,
        now: datetime,
        asked: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        given = {key: value for key, value in (asked or {}).items() if key in ("find", "line")}
        super().__init__(*args, initial={"key": secrets.token_hex(16), **given}, **more)
        line: Any = self.fields["line"]
        line.required, line.empty_label = True, pgettext("shipping", "Choose")
        self.offer(actor, lot, now, reverse("lot_reserve", args=[lot.pk]))
        quantity = self.fields["quantity"]
        quantity.label = f"{quantity.label} ({said_unit(lot.unit)})" if lot.unit else quantity.label
        quantity.help_text = said_free(lot, now)
        self.fields["until"].widget.attrs["min"] = local_date(now).isoformat()


class ReasonForm(LookForm):
    reason = forms.CharField(
        label=pgettext_lazy("lot", "Reason"), max_length=200, widget=forms.Textarea({"rows": 2, "autofocus": True})
    )  # fmt: skip


class ArrivedForm(LookForm):
    date = forms.DateField(
        label=pgettext_lazy("shipment", "Arrived on"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    received_by = forms.CharField(
        label=pgettext_lazy("shipment", "Received by"), max_length=80, required=False
    )
    note = forms.CharField(label=pgettext_lazy("shipping", "Note"), max_length=300, required=False)

    def __init__(self, *args: Any, actor: Actor, shipment: LotShipment, now: datetime, **more: Any) -> None:
        day = local_date(now)
        super().__init__(*args, initial={"date": day}, **more)
        self.keep(LOT_SHIPMENT, actor, "create")
        self.fields["date"].widget.attrs |= {
            "min": local_date(shipment.shipped_at).isoformat(), "max": day.isoformat(),
        }  # fmt: skip


def said_free(lot: Lot, now: datetime) -> str:
    """What is in stock of a lot, and how much of that is free."""
    if lot.quantity is None:
        return ""
    away = kept(held_for(lot.pk, local_date(now)))
    if not away:
        return _("In stock: %(amount)s") % {"amount": write_quantity(lot.quantity)}
    return _("In stock: %(amount)s, of which %(kept)s are reserved") % {
        "amount": write_quantity(lot.quantity), "kept": write_quantity(away),
    }  # fmt: skip


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
