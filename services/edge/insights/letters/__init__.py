"""Pages of the letter: what to do next, and what came of it."""
