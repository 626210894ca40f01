"""Open data of the area's days: what the staff chose, as a page and as files for everybody."""
