"""Bench of the guide: ready pages beside nginx, and how soon a publication is seen."""
