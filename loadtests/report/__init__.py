"""The report of a load: one HTML file that needs nothing else, and a summary in Markdown."""
