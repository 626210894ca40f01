"""Points of interest and day plans."""
