from .lot import Lot, LotEvent, LotRule, UnitWeight
from .movement import LotEdge, LotShipment, Movement, MovementLine
from .notice import LotNotice
from .recall import Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment
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
    "Recall",
    "RecallEntry",
    "RecallEvent",
    "RecallLot",
    "RecallShipment",
    "Specification",
    "TestResult",
    "UnitWeight",
]
