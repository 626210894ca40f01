"""Pages of what staff imports: weather and statistics that no event tells."""
