"""A simulated area of which everything is known: who was where, and what sensors heard of it."""
