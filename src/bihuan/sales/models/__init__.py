from .money import Payment, Receivable
from .order import Order, OrderLine

__all__ = ["Order", "OrderLine", "Payment", "Receivable"]
