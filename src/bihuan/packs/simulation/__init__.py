"""A made company: a coherent history of customers, orders and payments, written by a pipeline of named steps.

Promises: the same seed and date give the same facts; what was planted is told to a file only. Refuses: real names.
Everything here belongs to commands and jobs, never to a web process (it loads numpy).
"""
