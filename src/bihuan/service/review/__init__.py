"""The monthly review: figures of what service did in a month, and the minutes of talking them over.

Promises: figures count only what the reader may see, each by one statement, and say what they mean. Minutes are never
overwritten; signed off, a review keeps the figures as they were. Refuses: counting what lies beyond the reader's reach.
"""
