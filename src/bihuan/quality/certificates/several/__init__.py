"""One certificate for several lots of a delivery, or of an order that they are reserved for: which lots may stand on one, and its results in one table."""
