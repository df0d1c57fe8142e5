from .epcis import EpcisEvent, EpcisLink, EpcisProduct
from .lot import Lot, LotEvent, LotRule, UnitWeight
from .movement import LotEdge, LotShipment, Movement, MovementLine
from .testing import ProcessReading, Specification, TestResult

__all__ = [
    "EpcisEvent",
    "EpcisLink",
    "EpcisProduct",
    "Lot",
    "LotEdge",
    "LotEvent",
    "LotRule",
    "LotShipment",
    "Movement",
    "MovementLine",
    "ProcessReading",
    "Specification",
    "TestResult",
    "UnitWeight",
]
