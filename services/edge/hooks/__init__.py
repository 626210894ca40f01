"""Where providers send their webhooks."""
