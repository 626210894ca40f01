"""Stories of days: what happens once, beside all that happens all the time."""
