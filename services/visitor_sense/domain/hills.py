"""Hills of a distribution: how many phones stand behind signal strengths of one class."""

from collections.abc import Sequence

import numpy as np

WIDTH_DB = 4.0  # of the bell that each value stands for
VALLEY = 0.5  # of the lower hill: deeper ones part two phones
LEAST_HEIGHT = 1.5  # of a hill, in values


def hills(ordered: Sequence[float]) -> list[int]:
    """Returns the number of the hill of each value, from 0. ordered: ascending."""
    if not ordered:
        return []
    values = np.array(ordered)
    at = np.arange(values[0] - 10, values[-1] + 10.1, 1.0)
    height = np.exp(-0.5 * ((at[:, None] - values) / WIDTH_DB) ** 2).sum(axis=1)
    tops = [
        place
        for place in range(1, len(at) - 1)
        if height[place] >= height[place - 1] and height[place] > height[place + 1]
    ]
    cuts, now = list[float](), tops[0]
    for top in tops[1:]:
        valley = now + int(np.argmin(height[now : top + 1]))
        lower = min(height[now], height[top])
        if height[valley] <= VALLEY * lower and lower >= LEAST_HEIGHT:
            cuts.append(float(at[valley]))
            now = top
        elif height[top] > height[now]:
            now = top
    return [int(number) for number in np.searchsorted(cuts, values)]
