"""Rules of planning a day; no I/O, no clock."""
