from .base import Tracked
from .job import Job
from .lake import LakeChange
from .outbox import OutboxEvent
from .pages import BulkRun, BulkStep, SavedView
from .setting import Setting

__all__ = [
    "BulkRun",
    "BulkStep",
    "Job",
    "LakeChange",
    "OutboxEvent",
    "SavedView",
    "Setting",
    "Tracked",
]
