"""A simulated hour of visitors, played through the doors that real ones use."""
