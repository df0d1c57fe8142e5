"""闭环 Bihuan: one system for customer, service and batch."""

__version__ = "0.1.0"
