"""Samples: percentiles of what was measured, stretches of a run, and the way to a file and back."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loadtests import samples
from loadtests.samples import Run, Sample

SAMPLES = st.lists(
    st.builds(
        Sample, st.floats(0, 29.9).map(lambda x: round(x, 3)),
        st.floats(0, 5000).map(lambda x: round(x, 2)), st.sampled_from(["/", "/plan", "計画"]),
        st.integers(1, 3), st.sampled_from(["", "", "status 503"]),
    ),
    max_size=60,
)  # fmt: skip


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_share_of_all_is_at_most_the_percentile(values: list[float], share: float) -> None:
    found = samples.percentile(sorted(values), share)
    assert found in values
    assert sum(1 for each in values if each <= found) >= share * len(values) - 1e-9
    assert sum(1 for each in values if each < found) < share * len(values) + 1e-9


def test_of_nothing_there_is_no_percentile() -> None:
    assert samples.percentile([], 0.95) == 0.0
    assert samples.figures([])["requests"] == 0


@given(SAMPLES, st.integers(1, 7))
def test_stretches_and_kinds_leave_out_nobody(found: list[Sample], width_s: int) -> None:
    parts = samples.windows(found, 30, width_s)
    assert [each["at"] for each in parts] == list(range(0, 30, width_s))
    for name in ("requests", "failures"):
        whole = samples.figures(found)[name]
        assert sum(each[name] for each in parts) == whole
        assert sum(each[name] for each in samples.by_name(found).values()) == whole


@given(SAMPLES)
def test_a_run_comes_back_from_its_file_as_it_was(found: list[Sample]) -> None:
    import tempfile  # noqa: PLC0415 - a fixture would be shared by all examples

    run = Run(30, found, [1, 2], [1, 1], [("a", True, "b")], [(1.5, "closed")])
    with tempfile.TemporaryDirectory() as folder:
        samples.write(Path(folder) / "run.json", run)
        assert samples.read(Path(folder) / "run.json") == run


def test_what_went_wrong_is_told_most_frequent_first() -> None:
    found = [Sample(0, 1, "/a", 1, "status 503")] * 2 + [Sample(0, 1, "/b", 1, "status 500")] * 3
    assert samples.errors(found) == ["/b: status 500 (3×)", "/a: status 503 (2×)"]
