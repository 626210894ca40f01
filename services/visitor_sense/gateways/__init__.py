"""The outside world of visitor sensing: Valkey for live figures."""
