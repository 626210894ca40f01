"""Parts of the fault tests that reach beyond their own process."""
