"""Insights: taking events in, hearing them anew, reading a year, and how old a live page is."""
