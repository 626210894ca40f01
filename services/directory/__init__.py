"""Areas, places, closures, users, sessions and devices."""
