"""Live crowding, visitor counts, sensor ingest, and what the public should know of it."""
