"""What cases are about: products, orders, lots, shipments, documents, entered in one field and found again by it."""
