"""Use cases of visitor sensing: one function each, one transaction each."""
