"""The ground floor: who acts (Actor), when (time is passed in), how exact (FixedField), what is registered
(records, metrics, datasets), what happens later (outbox, jobs), and the page kit.

Promises: nothing here knows a business object; every room above may import it. Refuses: business rules.
"""
