"""High-rate readings of a lot's making: points in Parquet files of the lake, one row a parameter in the database, sealed in the log.

`content` says what a series is made of (digest, summary, shape), `files` writes and reads them, `gathering` sorts a stream of rows by lot
within bounded memory, `keeping` is the service, `telling` the event, `sweeping` removes files without a row, `checking` what `evidence verify` asks, `points` a process of its
own that writes points as CSV: what serves pages loads neither pyarrow nor numpy.
"""
