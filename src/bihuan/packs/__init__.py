"""The five industries as data, and their made companies.

Promises: nothing about an industry is in code. One switch changes vocabulary, tiers, tags, products and targets.
"""
