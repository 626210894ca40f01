"""Plan a day, and the sketch map of the area."""
