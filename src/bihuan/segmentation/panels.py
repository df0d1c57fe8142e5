"""What this room hangs into pages."""

from . import panels_columns, panels_health, panels_metrics, panels_tier

__all__ = ["panels_columns", "panels_health", "panels_metrics", "panels_tier"]
