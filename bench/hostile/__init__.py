"""Bytes from strangers, by the million: readers of visitor sensing must take or refuse them."""
