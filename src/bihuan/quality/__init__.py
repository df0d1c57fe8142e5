"""Quality: lots and their genealogy, tests and certificates, and the log that proves that nothing of it was altered.

Promises: what was written to the evidence log stays there as it was, and others can check that without us. Refuses: personal
data in the log.
"""
