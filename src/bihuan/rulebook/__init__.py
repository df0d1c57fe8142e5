"""Stored policies: versions, effective dates, approvals, simulations.

Promises: an approved version never changes; the version in force at a date can always be found. Refuses: evaluating
(policy) and deciding about customers (segmentation).
"""
