"""Pages and API of the area's numbers."""
