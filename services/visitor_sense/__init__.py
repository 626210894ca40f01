"""Visitor numbers from Wi-Fi probe requests, without being able to follow anyone."""
