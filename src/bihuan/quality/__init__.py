"""Quality: lots, where they came from and went, what was measured on them, and what is proved of them. So far: `epcis`, the language in
which their history is told to other companies.
"""
