"""What anybody sees of a lot who scans its code: what the product's publication says, and never customers, prices or people."""
