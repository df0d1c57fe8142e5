from .certificate import (
    Certificate,
    CertificateLot,
    CertificateNotice,
    CertificateRecipient,
    CertificateTemplate,
    CertificateVersion,
    ProductPublication,
)
from .epcis import EpcisCapture, EpcisEvent, EpcisLink, EpcisProduct, EpcisTerm
from .evidence import EvidenceEntry, EvidenceSalt
from .lot import Lot, LotEvent, LotRule, UnitWeight
from .movement import LotEdge, LotShipment, Movement, MovementLine
from .notice import LotNotice
from .recall import Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment
from .recall_start import RecallStart
from .second import CertificateDraft, DraftRecipient, SecondSignature
from .series import ReadingSeries
from .stock import LotArrival, LotReservation
from .testing import ProcessReading, ResultCheck, Specification, TestResult

__all__ = [
    "Certificate",
    "CertificateDraft",
    "CertificateLot",
    "CertificateNotice",
    "CertificateRecipient",
    "CertificateTemplate",
    "CertificateVersion",
    "DraftRecipient",
    "EpcisCapture",
    "EpcisEvent",
    "EpcisLink",
    "EpcisProduct",
    "EpcisTerm",
    "EvidenceEntry",
    "EvidenceSalt",
    "Lot",
    "LotArrival",
    "LotEdge",
    "LotEvent",
    "LotNotice",
    "LotReservation",
    "LotRule",
    "LotShipment",
    "Movement",
    "MovementLine",
    "ProcessReading",
    "ProductPublication",
    "ReadingSeries",
    "Recall",
    "RecallEntry",
    "RecallEvent",
    "RecallLot",
    "RecallShipment",
    "RecallStart",
    "ResultCheck",
    "SecondSignature",
    "Specification",
    "TestResult",
    "UnitWeight",
]
