"""The models of the simulation against the real servers."""
