"""Companies that buy: names, contacts and decision chain, sites, owners A and B, relations, competitors, merge.

Promises: one record per company; whoever is merged away stays as a pointer. Refuses: what they bought (sales) and
what they are worth (segmentation).
"""
