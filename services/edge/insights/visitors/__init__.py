"""Visitors of the area for marketing staff: curves, comparison, dwell, flows, files."""
