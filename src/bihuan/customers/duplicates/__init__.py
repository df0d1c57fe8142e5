"""Duplicates in the database: found by the matcher in a process of its own, reviewed, merged, and taken apart again.

Promises: a merge moves everything that refers to the losers, of any room, and remembers what it moved; its undo gives back
what nobody has changed since and lists the rest. The losers stay as pointers.
"""
