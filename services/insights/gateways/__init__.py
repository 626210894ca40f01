"""The outside world of insights: files that people bring."""
