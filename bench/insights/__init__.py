"""Insights: taking events in, hearing them anew, reading a year, a live page, honest effects."""
