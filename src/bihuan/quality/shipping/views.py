"""Dialogs on a lot's page: it is reserved, leaves for a customer, arrives there, some of it comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
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
from ..models import LotShipment
from ..records import LOT, LOT_RESERVATION, LOT_SHIPMENT
from .arriving import note_arrival, unnote_arrival
from .dispatching import dispatch
from .forms import ArrivedForm, ReasonForm, ReserveForm, ReturnForm, ShipForm
from .reserving import release, reserve
from .returning import take_back


@page("lot_shipment", "create", methods=("GET", "POST"))
def lot_ship(request: PageRequest, identity: int) -> HttpResponse:
    row = get_lot(request.actor, identity)
    moment = now()
    form = ShipForm(_sent(request), actor=request.actor, lot=row, now=moment, asked=request.GET.dict())
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            movement = dispatch(
                actor=request.actor, number=given["number"], at=form.moment(), lot=row, customer=given["to"],
                order=given["line"] and given["line"].order, line=given["line"], quantity=given["quantity"],
                note=given["note"], untested=given.get("untested", ""), now=moment,
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
    require(request.actor, "lot", "create")
    row = get_lot(request.actor, identity)
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


@page("lot_shipment", "create", methods=("GET", "POST"))
def lot_reserve(request: PageRequest, identity: int) -> HttpResponse:
    row = get_lot(request.actor, identity)
    moment = now()
    form = ReserveForm(_sent(request), actor=request.actor, lot=row, now=moment, asked=request.GET.dict())
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            reserve(
                actor=request.actor, lot=row, line=given["line"], quantity=given["quantity"], until=given["until"],
                key=given["key"], now=moment,
            )  # fmt: skip
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("lot", args=[row.pk]), _("Reserved"))
    title = f"{pgettext('lot button', 'Reserve')} {row.product.code}/{row.number}"
    return dialog(request, title, form, reverse("lot_reserve", args=[row.pk]), icon="lock")


@page("lot_shipment", "create", methods=("GET", "POST"))
def reservation_release(request: PageRequest, identity: int) -> HttpResponse:
    row = get_object_or_404(
        LOT_RESERVATION.visible_to(request.actor, "create").select_related("order"), pk=identity
    )
    back = _back(request, row.lot_id, row.order_id)
    form = ReasonForm(_sent(request))
    if form.is_bound and form.is_valid():
        release(actor=request.actor, reservation=row, reason=form.cleaned_data["reason"], now=now())
        return go(request, back)
    title = f"{pgettext('reservation button', 'Release the reservation')} {row.order.number}"
    return dialog(request, title, form, reverse("reservation_release", args=[row.pk]), icon="lock-open")


@page("lot_shipment", "create", methods=("GET", "POST"))
def shipment_arrived(request: PageRequest, identity: int) -> HttpResponse:
    row = _shipment(request, identity)
    moment = now()
    form = ArrivedForm(_sent(request), actor=request.actor, shipment=row, now=moment)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            note_arrival(
                actor=request.actor, shipment=row, arrived_on=given["date"],
                received_by=given.get("received_by", ""), note=given["note"], now=moment,
            )  # fmt: skip
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, _back(request, row.lot_id, row.order_id))
    title = f"{pgettext('shipment button', 'Arrived')} {row.movement.number}"
    return dialog(request, title, form, reverse("shipment_arrived", args=[row.pk]), icon="checks")


@page("lot_shipment", "create", methods=("GET", "POST"))
def shipment_not_arrived(request: PageRequest, identity: int) -> HttpResponse:
    row = _shipment(request, identity)
    form = ReasonForm(_sent(request))
    if form.is_bound and form.is_valid():
        unnote_arrival(actor=request.actor, shipment=row, reason=form.cleaned_data["reason"], now=now())
        return go(request, _back(request, row.lot_id, row.order_id))
    title = f"{pgettext('shipment button', 'Not arrived after all')} {row.movement.number}"
    return dialog(request, title, form, reverse("shipment_not_arrived", args=[row.pk]), icon="arrow-back-up")


def _shipment(request: PageRequest, identity: int) -> LotShipment:
    rows = LOT_SHIPMENT.visible_to(request.actor, "create").select_related("movement")
    return get_object_or_404(rows, pk=identity)


def _back(request: PageRequest, lot: int, order: int | None) -> str:
    """To the page on which the dialog was opened: the order's, else the lot's, if the actor sees that, else Today."""
    came = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if order is not None and came == reverse("order", args=[order]):
        return came
    return (
        reverse("lot", args=[lot])
        if LOT.visible_to(request.actor).filter(pk=lot).exists()
        else reverse("today")
    )


def _sent(request: PageRequest) -> Any:
    return request.POST if request.method == "POST" else None
