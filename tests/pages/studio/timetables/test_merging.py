"""A colleague's change taken over line by line: what is ticked is theirs, the rest stays mine."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from services.edge.studio.timetables import differences, fields, merging
from services.edge.studio.timetables.typed import Line
from tests.pages.studio.timetables.conftest import Studio, changed, form_of, line, run

HERE = "/studio/timetables/shuho"


def typed() -> Line:
    return fields.of_kept(line(), 1)


def keys(theirs: Line, mine: Line) -> list[str]:
    return [each.key for each in differences.between(theirs, mine, "ja") if each.key]


def newer() -> Line:
    """The line as a colleague made it: a name, a stop more, a time, a run less and a new one."""
    kept = line()
    kept.names["ja"] = "秋芳洞バス"
    kept.phone = "083-000-0000"
    stop = kept.stops.add(stop_id="mill", names={"ja": "水車前"})
    assert stop.stop_id == "mill"
    kept.runs[0].minutes[:] = [520, -1, 565, 570]
    kept.runs[1].minutes.append(-1)
    del kept.runs[1]
    kept.runs.append(run("r9", 700, -1, 750, 755))
    return fields.of_kept(kept, 2)


def test_all_that_is_ticked_makes_both_alike() -> None:
    theirs, mine = newer(), typed()
    while left := keys(theirs, mine):
        before = len(differences.between(theirs, mine, "ja"))
        merging.take(theirs, mine, left)
        assert len(differences.between(theirs, mine, "ja")) < before, left
    assert [stop.stop_id for stop in mine.stops] == [stop.stop_id for stop in theirs.stops]
    assert {each.run_id: each.times for each in mine.runs} == {
        each.run_id: each.times for each in theirs.runs
    }


@given(st.data())
def test_what_is_not_ticked_stays_as_it_was_typed(data: st.DataObject) -> None:
    theirs, mine = newer(), typed()
    mine.operator, mine.runs[0].times[0] = "自分の会社", "9:99"
    before = copy.deepcopy(mine)
    ticked = data.draw(st.lists(st.sampled_from(keys(theirs, mine)), unique=True))
    merging.take(theirs, mine, ticked)
    for name in merging.FACTS:
        expected = theirs if name in ticked else before
        assert getattr(mine, name) == getattr(expected, name), name
    if "stops" not in ticked:
        assert mine.stops == before.stops
    if "run:r9" not in ticked:
        assert all(each.run_id != "r9" for each in mine.runs)
    if "time:r1:station" not in ticked:
        assert mine.runs[0].times[0] == "9:99"
    assert all(len(each.times) == len(mine.stops) for each in mine.runs)


def test_a_key_of_nothing_changes_nothing() -> None:
    mine = typed()
    merging.take(newer(), mine, ["time:r1:nowhere", "run:none", "days:none", "x", ""])
    assert mine == typed()


def test_a_conflict_is_put_together_on_the_page(studio: Studio) -> None:
    mine = changed(studio.fields(HERE), operator="自分の会社", phone="083-111-1111")
    kept = line()
    kept.phone, kept.operator = "083-222-2222", "相手の会社"
    studio.kept.put(kept)
    page = studio.send(HERE, [*mine, ("action", "save")], 409).text
    assert 'value="phone"' in page
    assert 'form="tt-line"' in page
    sent = [*form_of(page), ("take", "phone"), ("action", "take-theirs")]
    page = studio.send(HERE, sent).text
    merged = dict(form_of(page))
    assert (merged["phone"], merged["operator"]) == ("083-222-2222", "自分の会社")
    assert merged["version"] == "2"
    assert 'value="phone"' not in page, "it differs no longer"
    assert not studio.services.called("SaveLine")[1:], "nothing is kept by it"
    studio.send(HERE, [*form_of(page), ("action", "save")], 303)
    assert studio.kept.lines["shuho"].operator == "自分の会社"
    assert studio.kept.lines["shuho"].phone == "083-222-2222"
