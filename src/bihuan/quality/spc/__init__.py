"""Statistical process control: charts, the rules by which a chart speaks, capability. Pure: numbers in, findings out."""

from .capability import Capability, capability
from .charts import Chart, Limits, individuals_chart, means_chart
from .rules import RULES, Signal, signals

__all__ = [
    "RULES",
    "Capability",
    "Chart",
    "Limits",
    "Signal",
    "capability",
    "individuals_chart",
    "means_chart",
    "signals",
]
