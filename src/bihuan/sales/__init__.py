"""Orders and their lines, payments, receivables.

Promises: a line's identity is its document and ordinal; amounts are exact; a cancellation points at what it cancels.
Refuses: what a customer is worth (segmentation), lots and shipments (quality, logistics).
"""
