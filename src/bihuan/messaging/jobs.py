"""What the worker does for this room every few seconds."""

from bihuan.kernel.timetable import every_seconds

from .rounds import EVERY_SECONDS, start_due

every_seconds("messages", EVERY_SECONDS, start_due)
