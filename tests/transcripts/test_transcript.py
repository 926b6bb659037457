"""What transcripts say is read, and compared, to the letter."""

import pytest

from tests.transcripts.transcript import Line, Names, Unlike, read


def test_indented_lines_go_on_with_the_one_above():
    assert read('# a\n\n> [2,\n  "1"]\n< b') == [
        Line(1, "#", "a"),
        Line(3, ">", '[2, "1"]'),
        Line(5, "<", "b"),
    ]


def test_a_name_stands_for_what_it_stood_for_first():
    names = Names()
    names.compare({"transactionId": "$tx"}, {"transactionId": 17})
    names.compare(["$tx"], ["17"])
    assert names.filled_in('{"transactionId":"$tx"}') == {"transactionId": 17}
    assert names.filled_in('{"transaction_id":"$tx"}', str) == {"transaction_id": "17"}
    with pytest.raises(Unlike):
        names.compare("$tx", 18)


@pytest.mark.parametrize(
    "time", ["2026-05-04T11:00:00Z", "2026-05-04T11:00:00.1Z", "2026-05-04T11:00:00.123Z"]
)
def test_times_that_stations_can_read_are_times(time):
    Names().compare("$time", time)


@pytest.mark.parametrize(
    "time",
    [
        "2026-05-04T11:00:00",
        "2026-05-04T11:00:00+00:00",
        "2026-05-04T11:00:00.123456Z",
        "2026-05-04 11:00:00Z",
        None,
    ],
)
def test_others_are_none(time):
    with pytest.raises(Unlike):
        Names().compare("$time", time)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": {}}, {"a": []}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
    ],
)
def test_frames_differ_by_anything(expected, actual):
    with pytest.raises(Unlike):
        Names().compare(expected, actual)


def test_of_events_only_what_is_named_is_compared():
    Names().compare({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3}, partly=True)
    with pytest.raises(Unlike):
        Names().compare({"a": [{"b": 1}]}, {"a": [{"b": 2, "c": 2}]}, partly=True)
    with pytest.raises(Unlike):
        Names().compare({"a": None}, {}, partly=True)
