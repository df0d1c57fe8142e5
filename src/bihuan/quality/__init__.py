"""Lots and what happened to them: movements, genealogy with quantities, tests, specifications, shipments of lots.

Promises: what goes in comes out or is declared lost; a posting is never edited, only reversed by its opposite; a held lot
is not shipped. Refuses: what was ordered (sales), vehicles and their papers (logistics), complaints (service).
"""
