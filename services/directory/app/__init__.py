"""Use cases of the directory: one function each, one transaction each."""
