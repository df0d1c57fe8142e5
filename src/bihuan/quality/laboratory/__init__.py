"""The laboratory: entering results, verifying them by others than who entered them, doing tests again, setting limits.

Owns who verified a result and what a product asks of its results. Promises that a draft counts nowhere (`ResultRows` says which
results count), that nobody verifies what they entered, and that limits of the past stay as they were.
"""
