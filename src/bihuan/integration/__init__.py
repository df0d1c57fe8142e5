"""The one door in: preview, import and undo; later exports and interfaces.

Promises: the dry run and the run count the same; an import is undone as one set; nothing is half-written.
"""
