from .decision import Decision, Proposal, ProposalItem
from .health import HealthChange
from .standing import MetricRow, Standing

__all__ = ["Decision", "HealthChange", "MetricRow", "Proposal", "ProposalItem", "Standing"]
