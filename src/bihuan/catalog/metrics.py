"""The catalog declares no metric of its own: what is bought of it is counted in sales."""
