from emobi.core import clock, unit_of_work
from stations.models import Deviation
from stations.services.registry import deviations
from stations.services.registry.deviations import Found
from tests.stations.telling import NOON, after, tell, tell_at

LATE = Found("meterValue[].timestamp", "format", "no zone: read as UTC")


def test_a_deviation_is_counted_with_its_first_and_its_last_time(alpha):
    for seconds in (0, 10, 20):
        tell_at(after(seconds), deviations.note, alpha, "MeterValues", [LATE])
    row = Deviation.objects.get()
    assert (row.station, row.action, row.path, row.rule) == (alpha, "MeterValues", LATE.path, LATE.rule)
    assert (row.count, row.first_at, row.last_at) == (3, NOON, after(20))


def test_what_comes_several_times_in_a_batch_is_counted_as_often(alpha, bravo):
    with unit_of_work.begin():
        for seconds in range(5):
            with clock.at(after(seconds)):
                deviations.note(alpha, "MeterValues", [LATE, LATE])
                deviations.note(bravo, "MeterValues", [LATE])
    assert dict(Deviation.objects.values_list("station__identity", "count")) == {"alpha": 10, "bravo": 5}


def test_the_newest_detail_is_kept(alpha):
    tell(deviations.note, alpha, "MeterValues", [Found("a", "maxLength", "26 characters")])
    tell(deviations.note, alpha, "MeterValues", [Found("a", "maxLength", "33 characters")])
    assert Deviation.objects.get().detail == "33 characters"


def test_a_station_that_makes_up_ever_new_ones_is_bounded(alpha, bravo, monkeypatch):
    most = deviations.MOST_KINDS
    made_up = [Found(f"path{number}", "additionalProperties", "") for number in range(most + 50)]
    tell(deviations.note, alpha, "Heartbeat", made_up[: most - 1])
    tell(deviations.note, alpha, "Heartbeat", made_up)
    tell(deviations.note, bravo, "Heartbeat", made_up[:1])
    assert alpha.deviations.count() == most
    assert bravo.deviations.count() == 1
    # What is known is counted on.
    assert alpha.deviations.get(path="path0").count == 2


def test_texts_that_are_too_long_are_cut(alpha):
    tell(deviations.note, alpha, "a" * 99, [Found("p" * 999, "r" * 99, "d" * 999)])
    row = Deviation.objects.get()
    assert [len(text) for text in (row.action, row.path, row.rule, row.detail)] == [64, 200, 64, 300]
