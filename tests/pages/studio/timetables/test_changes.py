"""What buttons do to a typed line: times stay with their stop and run, whatever is pressed."""

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from services.edge.studio.timetables import changes, clock, departures, differences, fields
from services.edge.studio.timetables.typed import Days, Fare, Line, Run, Stop
from tests.pages.studio.timetables.conftest import line

TIME = st.one_of(st.just(""), st.integers(0, 1_500).map(clock.show), st.text("8:時レ", max_size=3))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    count = draw(st.integers(0, 4))
    stops = [Stop(f"s{at}", f"stop-{at}", "", {"ja": f"停{at}"}) for at in range(count)]
    days = [Days("d0", ("1",)), Days("d1", ("6", "7"), as_sunday=True)]
    made = [
        Run(f"r{at}", f"run-{at}", draw(st.sampled_from(["d0", "d1"])),
            draw(st.lists(TIME, min_size=count, max_size=count)))
        for at in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    fares = [Fare("s0", "s1", "200")] if count > 1 else []
    return Line("x", 3, {"ja": "線"}, "社", stops=stops, days=days, runs=made, fares=fares)


ACTIONS = st.tuples(
    st.sampled_from(["stop-up", "stop-down", "stop-drop", "run-add", "run-drop", "run-copy",
                     "days-add", "days-drop", "all-basis", "fares", "none"]),
    st.sampled_from(["", "s0", "s1", "s3", "r0", "r2", "d0", "d1", "d9"]),
)  # fmt: skip


def cells(line_: Line) -> dict[tuple[str, str], str]:
    return {
        (run.key, stop.key): time
        for run in line_.runs
        for stop, time in zip(line_.stops, run.times, strict=True)
    }


@given(lines(), st.lists(ACTIONS, max_size=6))
def test_no_time_goes_to_another_stop_or_run(made: Line, pressed: list[tuple[str, str]]) -> None:
    before = cells(made)
    form = {"copy-from": "r0", "copy-by": "30", "copy-times": "2", "all-basis": "recorded"}
    for name, key in pressed:
        changes.act(made, f"{name}:{key}", form)
    after = cells(made)  # also: each run has a time for each stop
    # A key that was taken out may come again, for something empty or a copy.
    gone = {key for name, key in pressed if name.endswith("drop")}
    same = {at for at in after if at in before and not {*at} & gone}
    assert all(after[at] == before[at] for at in same)
    kept = {(run, stop) for run, stop in before if not {run, stop} & gone}
    assert kept <= set(after)
    for part in (made.stops, made.runs, made.days):
        keys = [each.key for each in part]
        assert len(keys) == len(set(keys))
    used = {run.days for run in made.runs}
    assert used <= {each.key for each in made.days}
    stops = {each.key for each in made.stops}
    assert all({each.from_key, each.to_key} <= stops for each in made.fares if not each.is_empty)


def test_a_whole_day_is_typed_in_a_minute() -> None:
    made = fields.of_kept(line(), 1)
    assert changes.copy_run(made, "r0", 60, 12) == "run-r2"
    assert [run.times[0] for run in made.runs[:4]] == ["8:37", "9:37", "10:37", "11:37"]
    assert made.runs[1].times == ["9:37", "", "10:22"]
    assert made.runs[1].run_id == "", "a copy is a run of its own"
    assert len(made.runs) == 14


def test_a_copy_needs_a_run_and_minutes() -> None:
    made = fields.of_kept(line(), 1)
    for given_ in (("r9", 60), ("r0", 0)):
        assert changes.copy_run(made, *given_, 1) == "copy-by"
    assert changes.copy_run(made, "r0", -60, 0) == "run-r2"
    assert made.runs[1].times[0] == "7:37"
    assert changes.copy_run(made, "r0", 1, 9_999) == "run-r3"
    assert len(made.runs) == 3 + changes.MOST_COPIES


def test_kinds_of_days_begin_with_all_and_go_on_with_the_weekend() -> None:
    made = Line(days=[Days("d0", changes.WORKDAYS)])
    changes.add_days(made)
    assert made.days[1].weekdays == changes.WEEKEND
    assert made.days[1].as_sunday
    changes.add_days(made)
    assert made.days[2].weekdays == ()
    assert changes.drop_days(made, "d2") == "days"
    assert len(made.days) == 2


def test_the_way_back_has_stops_and_fares_the_other_way_round() -> None:
    there = fields.of_kept(line(), 1)
    back = changes.backwards(there)
    assert [each.stop_id for each in back.stops] == ["cave", "town-hall", "station"]
    assert back.runs == []
    fare = back.fares[0]
    assert (fare.yen, fare.child) == ("1170", "590")
    ends = [next(s.stop_id for s in back.stops if s.key == key) for key in
            (fare.from_key, fare.to_key)]  # fmt: skip
    assert ends == ["cave", "station"]
    assert (there.stops[0].stop_id, back.version, back.names) == ("station", 0, {})


def test_a_form_without_anything_is_a_line_without_anything() -> None:
    made = fields.read(MultiDict(), "shuho")
    assert (made.stops, made.runs, made.days, made.version) == ([], [], [], 0)
    assert all(each.is_empty for each in made.fares)


@given(lines(), lines())
def test_a_line_differs_from_itself_in_nothing(one: Line, other: Line) -> None:
    assert differences.between(one, one, "ja") == []
    there = differences.between(one, other, "ja")
    back = differences.between(other, one, "ja")
    assert sorted((d.theirs, d.mine) for d in there) == sorted((d.mine, d.theirs) for d in back)


def test_what_differs_is_named_with_run_and_stop() -> None:
    one, other = fields.of_kept(line(), 1), fields.of_kept(line(), 1)
    other.runs[1].times[2] = "1130"
    other.runs[0].days = "d9"
    del other.fares[0]
    other.runs.append(Run("r7", "", "d0", ["7:00", "", "7:40"]))
    told = {d.what: (d.theirs, d.mine) for d in differences.between(one, other, "ja")}
    assert told["Run of 10:37, 秋芳洞"] == ("11:22", "11:30")
    assert told["Run of 8:37, days"] == ("8:37–9:22", "8:37–9:22")
    assert told["Run of 7:00"] == ("", "7:00–7:40")
    assert told["Fare 新山口駅 – 秋芳洞"] == ("1170 / 590", "")


def test_a_run_says_when_and_where_it_begins_and_ends() -> None:
    kept = line()
    assert departures.summary(kept.runs[0], list(kept.stops), "en") == (
        "8:37–9:22", "Shin-Yamaguchi → 秋芳洞",
    )  # fmt: skip
    kept.runs[0].minutes[:] = [-1, -1, -1]
    assert departures.summary(kept.runs[0], list(kept.stops), "en") == ("", "")
