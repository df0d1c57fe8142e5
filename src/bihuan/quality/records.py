"""Lots, tests, readings and shipments of lots as records: fields with their classes.

That a lot is there and what was decided about it is public within the company. Where raw lots come from, what was measured
and how it was made is technical. To whom it went is scoped by customer.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.access import restrict_by_customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .access import restrict_by_lot, restrict_lots
from .certificates import records as certificates_records  # noqa: F401  (registers certificates)
from .models import Lot, LotReservation, LotShipment, ProcessReading, TestResult

PUBLIC, TECHNICAL, CONTACT = FieldClass.PUBLIC, FieldClass.TECHNICAL, FieldClass.CONTACT
LOT = register_record(
    RecordSpec(
        name="lot",
        model=Lot,
        restrict=restrict_lots,
        title_field="number",
        fields=(
            FieldSpec("number", pgettext_lazy("lot", "Lot number"), PUBLIC, in_search=True),
            FieldSpec("product", _("Product"), PUBLIC, path="product__name"),
            FieldSpec("kind", _("Kind"), PUBLIC, kind="choice", choices=lambda: dict(Lot.Kind.choices)),
            FieldSpec(
                "status", pgettext_lazy("lot", "Status"), PUBLIC, kind="choice", choices=lambda: dict(Lot.Status.choices)
            ),
            FieldSpec("quantity", pgettext_lazy("lot", "In stock"), PUBLIC, kind="quantity"),
            FieldSpec("unit", _("Unit"), PUBLIC, kind="unit"),
            FieldSpec("made_at", pgettext_lazy("lot", "Made or received"), PUBLIC, kind="moment"),
            FieldSpec("expires_on", pgettext_lazy("lot", "Usable until"), PUBLIC, kind="date"),
            FieldSpec("supplier", pgettext_lazy("lot", "Supplier"), TECHNICAL),
            FieldSpec("origin", pgettext_lazy("lot", "Origin"), TECHNICAL),
            FieldSpec("place", pgettext_lazy("lot", "Place"), TECHNICAL),
        ),
    )
)  # fmt: skip
LOT_TEST = register_record(
    RecordSpec(
        name="lot_test",
        model=TestResult,
        restrict=restrict_by_lot,
        title_field="said",
        fields=(
            FieldSpec("lot", pgettext_lazy("lot", "Lot"), PUBLIC, path="lot__number"),
            FieldSpec("characteristic", _("Characteristic"), PUBLIC, path="characteristic__name"),
            FieldSpec("said", pgettext_lazy("test", "Result"), TECHNICAL),
            FieldSpec("unit", _("Unit"), TECHNICAL, kind="unit"),
            FieldSpec("uncertainty", pgettext_lazy("test", "Expanded uncertainty"), TECHNICAL, kind="number"),
            FieldSpec("method", pgettext_lazy("test", "Method"), TECHNICAL),
            FieldSpec("instrument", pgettext_lazy("test", "Instrument"), TECHNICAL),
            FieldSpec("laboratory", pgettext_lazy("test", "Laboratory"), TECHNICAL),
            FieldSpec("sample", pgettext_lazy("test", "Sample"), TECHNICAL),
            FieldSpec("entered_by", _("Entered by"), TECHNICAL),
            FieldSpec("verified_by", pgettext_lazy("test", "Verified by"), TECHNICAL),
            FieldSpec("tested_at", pgettext_lazy("test", "Tested at"), PUBLIC, kind="moment"),
        ),
    )
)
LOT_READING = register_record(
    RecordSpec(
        name="lot_reading",
        model=ProcessReading,
        restrict=restrict_by_lot,
        title_field="parameter",
        fields=(
            FieldSpec("lot", pgettext_lazy("lot", "Lot"), PUBLIC, path="lot__number"),
            FieldSpec("step", pgettext_lazy("reading", "Step"), TECHNICAL),
            FieldSpec("parameter", pgettext_lazy("reading", "Parameter"), TECHNICAL),
            FieldSpec("said", pgettext_lazy("reading", "Reading"), TECHNICAL),
            FieldSpec("unit", _("Unit"), TECHNICAL, kind="unit"),
        ),
    )
)
_HOW_MUCH_TO_WHOM = (
    FieldSpec("lot", pgettext_lazy("lot", "Lot"), PUBLIC, path="lot__number"),
    FieldSpec("customer", _("Customer"), PUBLIC, path="customer__name"),
    FieldSpec("order", _("Order"), PUBLIC, path="order__number"),
    FieldSpec("quantity", _("Quantity"), PUBLIC, kind="quantity"),
    FieldSpec("unit", _("Unit"), PUBLIC, kind="unit"),
)
LOT_SHIPMENT = register_record(
    RecordSpec(
        name="lot_shipment",
        model=LotShipment,
        restrict=restrict_by_customer,
        title_field="shipped_at",
        fields=(
            *_HOW_MUCH_TO_WHOM,
            FieldSpec("shipped_at", pgettext_lazy("lot", "Shipped at"), PUBLIC, kind="moment"),
            FieldSpec(
                "arrival",
                pgettext_lazy("shipment", "Arrival"),
                PUBLIC,
                kind="choice",
                choices=lambda: dict(LotShipment.Arrival.choices),
            ),
            FieldSpec("arrived_on", pgettext_lazy("shipment", "Arrived on"), PUBLIC, kind="date"),
            FieldSpec("received_by", pgettext_lazy("shipment", "Received by"), CONTACT),
        ),
    )
)
# A reservation is a shipment to come: who sees, makes and gives up which follows the grants of shipments.
LOT_RESERVATION = RecordSpec(
    name="lot_shipment",
    model=LotReservation,
    restrict=restrict_by_customer,
    title_field="order",
    fields=(
        *_HOW_MUCH_TO_WHOM,
        FieldSpec("until", pgettext_lazy("reservation", "Until"), PUBLIC, kind="date"),
    ),
)
