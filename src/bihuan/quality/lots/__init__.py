"""The pages of lots: the list, a lot with its sources, tests and customers, the picture of its trace; how others refer to lots."""
