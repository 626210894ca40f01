"""The outside world of payments: whoever really takes the money."""
