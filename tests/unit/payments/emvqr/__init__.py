"""Payment codes: vectors, rules, round trips, pictures and mutations."""
