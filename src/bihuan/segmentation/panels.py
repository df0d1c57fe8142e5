"""What this room hangs into pages."""

from . import journal_words, panels_columns, panels_health, panels_metrics, panels_tier

__all__ = ["journal_words", "panels_columns", "panels_health", "panels_metrics", "panels_tier"]
