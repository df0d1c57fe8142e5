"""Health and rule-based tags: the policies of those kinds over all customers, after each computation of metrics.

Promises: one evaluation for all, in a process of its own; only what changed is written; tags that a person set are
never touched; one journal entry a run.
"""
