"""Use cases of insights: taking events in, and reading figures."""
