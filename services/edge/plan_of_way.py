# ruff: noqa: E501 - path data reads best unbroken
"""The drawn way through the cave, which plans of visitors and of the studio share.

It is not to scale and no survey: distances along the route are estimates, and pages say so.
"""

import math
from functools import lru_cache

# Bends of the way on a sheet of 720 × 260; read off no map, only meant to be walked with a finger.
BENDS = ((24, 206), (92, 196), (150, 150), (214, 128), (268, 164), (330, 190), (396, 168), (430, 112),
         (486, 72), (548, 86), (596, 128), (648, 112), (696, 56))  # fmt: skip
STEPS = 16


@lru_cache(maxsize=1)
def _way() -> list[tuple[float, float, float]]:
    """Returns points of the way with the length so far (Catmull-Rom through BENDS)."""
    points: list[tuple[float, float, float]] = []
    length = 0.0
    padded = (BENDS[0], *BENDS, BENDS[-1])
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(STEPS):
            t = step / STEPS
            x, y = (_spline(t, p0[i], p1[i], p2[i], p3[i]) for i in (0, 1))
            if points:
                length += math.hypot(x - points[-1][0], y - points[-1][1])
            points.append((x, y, length))
    return points


def _spline(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)  # fmt: skip


def point_at(share: float) -> tuple[float, float]:
    """Returns where on the sheet a share (0 to 1) of the way is reached."""
    way = _way()
    wanted = min(max(share, 0.0), 1.0) * way[-1][2]
    x, y, _ = next((point for point in way if point[2] >= wanted), way[-1])
    return x, y


def way_line() -> str:
    """Returns the way as path data of SVG."""
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y, _ in _way()[::3])
