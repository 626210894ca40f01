"""SQL of the directory and nothing but SQL."""
