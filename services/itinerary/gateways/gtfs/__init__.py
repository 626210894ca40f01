"""Timetables in GTFS and GTFS-JP: read with a report of every row that could not be used."""
