"""Rules without I/O that any domain may import."""
