"""A plant's records as another system hands them over: batches with the raw lots they used, results and readings.

A folder of tables and a mapping file (`docs/plant-import.md`) become lots, postings, test results and process readings. Every column
must be spoken of: as a key, a raw lot, a result, a reading, or as left out.
"""
