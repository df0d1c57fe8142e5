"""Quality: lots and their genealogy, tests and certificates, and the log that proves that nothing of it was altered.

Promises: what goes into a posting comes out or is declared lost; a posting is never edited, only reversed by its opposite; a
lot on hold is not shipped; what was written to the evidence log stays there as it was, and others can check that without us.
Refuses: what was ordered (sales), vehicles and their papers (logistics), complaints (service), personal data in the log.
"""
