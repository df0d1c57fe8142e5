"""What this room hangs into pages: its words in the journal."""

from . import journal_words  # noqa: F401  registers
