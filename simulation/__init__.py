"""Deterministic simulation of the payment protocol: the real code under a clock, a network and
faults that all come from one integer. See docs/decisions/0103-simulated-from-one-integer.md.
"""
