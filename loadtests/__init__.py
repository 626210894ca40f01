"""Load for the running platform: days as visitors make them, their gates and their reports."""
