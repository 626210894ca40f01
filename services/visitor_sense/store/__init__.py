"""SQL of visitor sensing, and nothing but SQL."""
