"""A month and a year on a page each: what the council and the office look at."""
