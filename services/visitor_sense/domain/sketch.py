"""Counting distinct values: exact while few, then a sketch of two kilobytes.

Up to EXACT_LIMIT values the list itself is kept, sorted, so that the count is exact. Beyond it,
and for every list once its day is over (privacy rule one-day), an HLL sketch remains: HLL_4, lgK
12, 2 KB, standard error at most 1.6 %.

The estimate of a fresh sketch depends on the order of arrival (HIP estimator). Merging a sketch
with itself makes the library use its order-free estimator; so totals after a restart, with batches
doubled and shuffled, are bit-identical.
"""

import zlib
from dataclasses import dataclass
from typing import TypeVar

import datasketches
import numpy as np
from numpy.typing import NDArray

EXACT_LIMIT = 4096
LG_K = 12
STANDARD_DEVIATIONS = 2  # bounds at about 95 %
_PACK_LEVEL = 1  # higher ones win two hundredths
_KIND = datasketches.tgt_hll_type.HLL_4
_LIST, _SKETCH, _PACKED = b"\x01", b"\x02", b"\x03"

Values = NDArray[np.uint64]
Number = TypeVar("Number", np.uint64, np.int64)


@dataclass(frozen=True)
class Bounded:
    """A figure with its interval, whole numbers, low <= estimate <= high."""

    estimate: int
    low: int
    high: int


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Returns the values sorted, each once: as numpy.unique, whose table of hashes takes six times
    as long for tens of thousands of 64-bit values."""
    ordered = np.sort(values)
    if ordered.size < 2:
        return ordered
    fresh = np.empty(ordered.size, np.bool_)
    fresh[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered[fresh]


def _unpacked(data: bytes) -> bytes:
    """Errors: ValueError."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise ValueError("not a set of distinct values") from error


class Distinct:
    """A growing set of 64-bit values of which only the size is wanted."""

    def __init__(self) -> None:
        self._values: Values | None = np.empty(0, np.uint64)
        self._sketch: datasketches.hll_sketch | None = None

    @property
    def exact(self) -> bool:
        """True while the count is exact and the values themselves are held."""
        return self._sketch is None

    def add(self, values: Values) -> None:
        """Adds values; repeats change nothing, and neither does the order."""
        if self._values is not None:
            merged = distinct(np.concatenate((self._values, values)))
            if merged.size <= EXACT_LIMIT:
                self._values = merged
                return
            values = merged
        self._absorb(values)

    def fixed(self) -> list[int]:
        """Returns what stands for fixed addresses in a set of devices (observations.Batch.devices):
        values without the top bit. A sketch no longer knows any."""
        if self._values is None:
            return []
        return [int(one) for one in self._values[self._values < np.uint64(1 << 63)]]

    def merge(self, other: "Distinct") -> None:
        """Adds all values of another set; the order of merging changes nothing."""
        other._pour_into(self)  # noqa: SLF001 - another of this class

    def _pour_into(self, into: "Distinct") -> None:
        if self._values is not None:
            into.add(self._values)
            return
        into.forget_values()
        union = datasketches.hll_union(LG_K)
        union.update(into._sketch)  # noqa: SLF001 - another of this class
        union.update(self._sketch)
        into._sketch = union.get_result(_KIND)  # noqa: SLF001 - another of this class

    def forget_values(self) -> None:
        """Turns a list into a sketch, from which no value can be read; the count may then differ
        by the error of the sketch, so callers keep the exact count beside it.
        """
        if self._values is not None:
            self._absorb(self._values)

    def _absorb(self, values: Values) -> None:
        union = datasketches.hll_union(LG_K)
        if self._sketch is not None:
            union.update(self._sketch)
        for value in distinct(values).view(np.int64).tolist():
            union.update(value)
        self._sketch, self._values = union.get_result(_KIND), None

    def count(self) -> Bounded:
        """Returns the number of distinct values, with the 95 % interval of the sketch."""
        if self._values is not None:
            size = int(self._values.size)
            return Bounded(size, size, size)
        union = datasketches.hll_union(LG_K)
        union.update(self._sketch)
        union.update(self._sketch)  # see above: order-free estimator
        result = union.get_result(_KIND)
        return Bounded(
            round(result.get_estimate()),
            int(result.get_lower_bound(STANDARD_DEVIATIONS)),
            -int(-result.get_upper_bound(STANDARD_DEVIATIONS) // 1),
        )

    def to_bytes(self) -> bytes:
        """Returns the set as bytes for storage, first byte says the form."""
        if self._values is not None:
            return _LIST + self._values.astype("<u8").tobytes()
        assert self._sketch is not None  # noqa: S101 - one of the two is always held
        # Most registers of a sketch lie near each other: packed it takes three quarters.
        return _PACKED + zlib.compress(self._sketch.serialize_compact(), _PACK_LEVEL)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Distinct":
        """Reads what to_bytes wrote. Errors: ValueError."""
        found = cls()
        if data[:1] == _LIST and len(data) % 8 == 1:
            found._values = np.frombuffer(data, "<u8", offset=1).astype(np.uint64)
        elif data[:1] == _SKETCH:
            found._values = None
            found._sketch = datasketches.hll_sketch.deserialize(data[1:])
        elif data[:1] == _PACKED:
            found._values = None
            found._sketch = datasketches.hll_sketch.deserialize(_unpacked(data[1:]))
        else:
            raise ValueError("not a set of distinct values")
        return found
