"""The sensor program: reads frames, forgets addresses at once, sends pseudonymous batches."""
