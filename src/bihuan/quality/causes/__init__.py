"""What makes a deviating lot different from good ones: every parameter and attribute is compared, and what stands out is
ranked with its evidence. Where nothing does, that is the answer."""

from .features import Feature
from .finding import Candidate, Comparison, find_causes

__all__ = ["Candidate", "Comparison", "Feature", "find_causes"]
