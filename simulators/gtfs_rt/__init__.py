"""An operator that tells of its runs as they go, as a process of its own."""
