"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

name_objects(
    {
        "lot": pgettext_lazy("journal", "Lots"),
        "lot_test": pgettext_lazy("journal", "Test results"),
        "lot_reading": pgettext_lazy("journal", "Process readings"),
        "lot_shipment": pgettext_lazy("journal", "Shipments of lots"),
        "lotreservation": pgettext_lazy("journal", "Reservations of lots"),
        "lotrule": pgettext_lazy("journal", "Rules for lots"),
        "movement": pgettext_lazy("journal", "Movements of lots"),
        "specification": pgettext_lazy("journal", "Specifications"),
        "recall": pgettext_lazy("journal", "Recalls"),
        "recall_entry": pgettext_lazy("journal", "Customers of a recall"),
        "epcis_event": pgettext_lazy("journal", "EPCIS events"),
        "epcis": pgettext_lazy("journal", "EPCIS files"),
        "epcis_capture": pgettext_lazy("journal", "EPCIS captures"),
    }
)
name_actions(
    {
        "lot.receive": pgettext_lazy("journal", "Received a lot"),
        "lot.produce": pgettext_lazy("journal", "Produced a lot"),
        "lot.blend": pgettext_lazy("journal", "Blended lots"),
        "lot.split": pgettext_lazy("journal", "Split a lot"),
        "lot.merge": pgettext_lazy("journal", "Merged lots"),
        "lot.rework": pgettext_lazy("journal", "Reworked a lot"),
        "lot.transfer": pgettext_lazy("journal", "Transferred a lot"),
        "lot.ship": pgettext_lazy("journal", "Shipped a lot"),
        "lot.adjust": pgettext_lazy("journal", "Adjusted a lot's quantity"),
        "lot.loss": pgettext_lazy("journal", "Noted a loss of a lot"),
        "lot.return": pgettext_lazy("journal", "Took a lot back from a customer"),
        "lot.reverse": pgettext_lazy("journal", "Reversed a movement of lots"),
        "lot.held": pgettext_lazy("journal", "Put a lot on hold"),
        "lot.released": pgettext_lazy("journal", "Released a lot"),
        "lot.rejected": pgettext_lazy("journal", "Rejected a lot"),
        "lot.reserve": pgettext_lazy("journal", "Reserved a lot"),
        "lot.reservation_ended": pgettext_lazy("journal", "Ended a reservation of a lot"),
        "lot.arrived": pgettext_lazy("journal", "Noted that a shipment arrived"),
        "lot.arrival_taken_back": pgettext_lazy("journal", "Took back that a shipment arrived"),
        "lot_test.entered": pgettext_lazy("journal", "Entered a test result"),
        "lot_test.verified": pgettext_lazy("journal", "Verified a test result"),
        "lot_test.invalid": pgettext_lazy("journal", "Declared a test result invalid"),
        "recall.asked": pgettext_lazy("journal", "Asked for a recall"),
        "recall.started": pgettext_lazy("journal", "Started a recall"),
        "recall.told": pgettext_lazy("journal", "Told a customer of a recall"),
        "recall.answered": pgettext_lazy("journal", "Noted a customer's answer to a recall"),
        "recall.unreachable": pgettext_lazy(
            "journal", "Noted that a customer could not be reached for a recall"
        ),
        "recall.closed": pgettext_lazy("journal", "Closed a recall"),
        "epcis.capture": pgettext_lazy("journal", "Took in EPCIS events"),
        "epcis.refused": pgettext_lazy("journal", "Refused an EPCIS file"),
        "epcis.exported": pgettext_lazy("journal", "Exported EPCIS events"),
        "product.create": pgettext_lazy("journal", "Created a product"),
    }
)
