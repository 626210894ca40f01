"""Fault tests: real faults under real load, judged by a history check."""
