"""The journal: who did what, when, from where, and what it was before and after.

Every change, every read of a secret field, every export and every sign-in is an entry, written in the transaction
of the change itself. Entries are only ever added. Actors and objects are text; there are no foreign keys.
"""
