"""Products, grades, their characteristics with limits, and their documents.

Promises: one product per code; limits carry effective dates. Refuses: prices agreed with a customer (sales).
"""
