from .certificate import (
    Certificate,
    CertificateNotice,
    CertificateRecipient,
    CertificateTemplate,
    CertificateVersion,
    ProductPublication,
)
from .epcis import EpcisEvent, EpcisLink, EpcisProduct, EpcisTerm
from .evidence import EvidenceEntry, EvidenceSalt
from .lot import Lot, LotEvent, LotRule, UnitWeight
from .movement import LotEdge, LotShipment, Movement, MovementLine
from .notice import LotNotice
from .recall import Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment
from .recall_start import RecallStart
from .series import ReadingSeries
from .testing import ProcessReading, ResultCheck, Specification, TestResult

__all__ = [
    "Certificate",
    "CertificateNotice",
    "CertificateRecipient",
    "CertificateTemplate",
    "CertificateVersion",
    "EpcisEvent",
    "EpcisLink",
    "EpcisProduct",
    "EpcisTerm",
    "EvidenceEntry",
    "EvidenceSalt",
    "Lot",
    "LotEdge",
    "LotEvent",
    "LotNotice",
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
    "Specification",
    "TestResult",
    "UnitWeight",
]
