from .lot import Lot, LotEvent, LotRule, UnitWeight
from .movement import LotEdge, LotShipment, Movement, MovementLine
from .notice import LotNotice
from .testing import ProcessReading, Specification, TestResult

__all__ = [
    "Lot",
    "LotEdge",
    "LotEvent",
    "LotNotice",
    "LotRule",
    "LotShipment",
    "Movement",
    "MovementLine",
    "ProcessReading",
    "Specification",
    "TestResult",
    "UnitWeight",
]
