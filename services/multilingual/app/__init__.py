"""Use cases of the guide, one transaction each."""
