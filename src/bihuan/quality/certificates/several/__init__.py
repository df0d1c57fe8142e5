"""One certificate for several lots of a delivery: which lots may stand on one, and its results in one table."""
