"""Payments on a real PostgreSQL and against the real simulator process."""
