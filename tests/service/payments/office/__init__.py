"""The office on a real database."""
