"""The outside world of insights: files that people bring, statistics run apart, mail."""
