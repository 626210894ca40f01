"""Buses and trains by their timetables: what runs on a date, and how soon one is where."""
