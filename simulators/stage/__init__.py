"""What simulated providers have in common: a door with bad days, durable books, webhooks."""
