"""The outside world of insights: a process of its own for statistics, and a mail server."""
