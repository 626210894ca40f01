"""The edge: the only part of Meguri that speaks HTTP to people and programs outside."""
