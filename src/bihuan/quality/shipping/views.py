"""Dialogs on a lot's page: it leaves for a customer, some of it came back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.customers.models import Customer
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import require
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..errors import LotError
from ..laboratory.untested import CODE
from ..lots.queries import get_lot
from ..models import Lot
from .dispatching import dispatch
from .forms import ReturnForm, ShipForm
from .returning import take_back


@page("lot_shipment", "create", methods=("GET", "POST"))
def lot_ship(request: PageRequest, identity: int) -> HttpResponse:
    row = _lot(request, identity)
    moment = now()
    form = ShipForm(_sent(request), actor=request.actor, lot=row, now=moment)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            movement = dispatch(
                actor=request.actor, number=given["number"], at=form.moment(), lot=row, customer=given["to"],
                order=given["order"], quantity=given["quantity"], note=given["note"],
                untested=given.get("untested", ""), now=moment,
            )  # fmt: skip
        except LotError as error:
            if error.code == CODE and error.field:
                form.ask_why(str(error))
            else:
                form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(
                request, reverse("lot", args=[row.pk]), _("Shipped: %(number)s") % {"number": movement.number}
            )
    title = f"{pgettext('lot button', 'Ship')} {row.product.code}/{row.number}"
    return dialog(request, title, form, reverse("lot_ship", args=[row.pk]), icon="truck-delivery")


@page("lot_shipment", "create", methods=("GET", "POST"))
def lot_return(request: PageRequest, identity: int) -> HttpResponse:
    """What came back becomes a lot of its own, to whose page this leads."""
    row = _lot(request, identity)
    moment = now()
    form = ReturnForm(_sent(request), actor=request.actor, lot=row, now=moment)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            movement = take_back(
                actor=request.actor, number=given["number"], at=form.moment(), lot=row,
                customer=Customer(pk=given["customer"]), quantity=given["quantity"], reason=given["reason"], now=moment,
            )  # fmt: skip
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            made = movement.lines.get(is_output=True).lot_id
            return go(
                request, reverse("lot", args=[made]), _("Returned: %(number)s") % {"number": movement.number}
            )
    title = f"{pgettext('lot button', 'Return')} {row.product.code}/{row.number}"
    return dialog(request, title, form, reverse("lot_return", args=[row.pk]), icon="arrow-back-up")


def _lot(request: PageRequest, identity: int) -> Lot:
    require(request.actor, "lot", "create")
    return get_lot(request.actor, identity)


def _sent(request: PageRequest) -> Any:
    return request.POST if request.method == "POST" else None
