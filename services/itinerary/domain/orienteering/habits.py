"""What was found to search best: how much is taken out, how it is filled up, how warm it is.

Measured on public instances and on made-up requests of phone size; the figures are in decision
0065.
"""

# In the order of `anneal`'s names: shares of strings and of scattered visits, longest string, most
# strings, scattered and poor visits; share of the dear way to fill up, its power and noise;
# candidates put off, positions overlooked; seed first; delays: weight and share.
HABITS = (0.7, 0.2, 6, 3, 5, 5, 0.1, 2.0, 0.3, 0.2, 0.02, 0.5, 0.5, 0.5)
# Of a single day and few iterations: less is taken out, and it is cooler from the beginning on
# (decision 0091).
BRISK = (0.7, 0.2, 4, 1, 2, 5, 0.1, 2.0, 0.6, 0.2, 0.02, 0.5, 0.5, 0.5)
BRISK_WARMEST = 0.3
BRISK_MOST = 10_000  # iterations; whoever has more finds better days with the others
# Temperatures at the beginning and the end, in worths of an average stop.
WARMEST, COLDEST = 1.0, 0.06
# What an average way takes off where travel has no price, in the same unit: short tours have room.
GUIDE = 0.001
