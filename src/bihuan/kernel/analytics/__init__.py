"""Datasets and metrics: registered by rooms, computed over the lake, outside the web processes.

Importing this package loads no analytics library; `ibis`, `duckdb` and `pyarrow` are imported where they run.
"""
