"""Each figure opens its arithmetic: definition, formula, inputs with values, window, the documents behind it.

A figure is computed anew here from the database's rows of that one customer, in plain Python and independently of
the analytics engine, so that a page needs no engine and a test can hold the two against each other.
"""

from .explanation import Explanation, Source, explain_metric

__all__ = ["Explanation", "Source", "explain_metric"]
