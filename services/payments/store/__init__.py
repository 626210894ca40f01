"""SQL of payments, and nothing but SQL."""
