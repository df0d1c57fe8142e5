"""Which records are one: names taken apart and normalised, candidates found, weighed and decided. No database.

`normalise` is light and serves pages, search and the importer; `link` brings Splink and DuckDB and runs in a
process of its own.
"""
