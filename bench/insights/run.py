"""`./meguri bench insights`: how honest what insights reckons is, beside the plain way."""

from bench.insights import effects

# What `--only` may name.
PARTS = {"effects": effects.run}

run = effects.run
