"""Lots leave for customers and come back: the dialogs of the warehouse, and what they may post."""
