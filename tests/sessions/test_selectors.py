import pytest

from emobi.core import errors
from sessions import selectors
from sessions.models import ChargingSession, IdToken
from sessions.reports import Token
from sessions.services import charging_sessions
from tests.sessions.said import after, meter_16, reading, start_16, started, stop_16, tell


@pytest.fixture
def sessions(alpha, bravo, stranger):
    """Alpha ended one and has two open, bravo has one; a stranger charges in another network."""
    ended = tell(charging_sessions.start, alpha, start_16()).session
    tell(charging_sessions.end, alpha, stop_16(ended.transaction_id))
    return [
        ended,
        tell(charging_sessions.start, alpha, start_16(70)).session,
        tell(charging_sessions.start, bravo, started(minutes=80, token=Token(id_token="Other"))).session,
        tell(charging_sessions.start, alpha, start_16(90, evse_id=2, meter_start_wh=-1)).session,
        tell(charging_sessions.start, stranger, started()).session,
    ][:-1]


def found(network, **filters):
    return [session.pk for session in selectors.charging_sessions(network, **filters)]


def test_the_newest_sessions_of_the_network_come_first(network, sessions):
    assert found(network) == [session.pk for session in reversed(sessions)]


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        ({"station": "alpha"}, [3, 1, 0]),
        ({"station": "stranger"}, []),
        ({"evse_id": 2}, [3]),
        ({"state": "ended"}, [0]),
        ({"id_token": "oTHER"}, [2]),
        ({"suspect": True}, [3]),
        ({"suspect": False}, [2, 1, 0]),
        ({"since": after(80)}, [3, 2]),
        ({"until": after(80)}, [1, 0]),
        ({"station": "alpha", "state": "active", "since": after(80)}, [3]),
    ],
)
def test_filters_narrow_the_sessions(network, sessions, filters, positions):
    assert found(network, **filters) == [sessions[position].pk for position in positions]


def test_a_page_begins_where_the_last_one_ended(network, sessions):
    first = selectors.charging_sessions(network)[:2]
    rest = selectors.charging_sessions(network, before=first[1].pk)
    assert [session.pk for session in [*first, *rest]] == found(network)


def test_a_list_of_sessions_is_one_query(network, sessions, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [session.station.identity for session in selectors.charging_sessions(network)]


def test_a_session_is_found_in_its_own_network_only(network, stranger, sessions):
    assert selectors.charging_session(network, sessions[0].pk) == sessions[0]
    with pytest.raises(errors.NotFound):
        selectors.charging_session(stranger.network, sessions[0].pk)
    with pytest.raises(errors.NotFound):
        selectors.charging_session(network, "nothing")


def test_readings_come_page_by_page_in_the_order_they_were_taken(alpha, network, sessions):
    session = ChargingSession.objects.get(pk=sessions[1].pk)
    for minutes in (72, 74, 73, 74):
        report = meter_16(session.transaction_id, reading(minutes, 1000 + minutes, power=len(str(minutes))))
        tell(charging_sessions.meter, alpha, report)
    tell(charging_sessions.meter, alpha, meter_16(session.transaction_id, reading(74, soc=50)))
    assert [value.at for value in selectors.meter_values(session)] == [
        after(minutes) for minutes in (70, 72, 73, 74, 74)
    ]
    seen, last = [], None
    while page := list(selectors.meter_values(session, after=last)[:2]):
        seen += page
        last = page[-1].at, page[-1].pk
    assert seen == list(selectors.meter_values(session))


def test_what_runs_at_many_stations_is_one_query(alpha, bravo, sessions, django_assert_num_queries):
    with django_assert_num_queries(1):
        running = selectors.active_sessions([alpha.pk, bravo.pk, 999_999])
    assert running == {alpha.pk: [sessions[1], sessions[3]], bravo.pk: [sessions[2]], 999_999: []}


def test_tokens_are_found_by_what_is_written_of_them(network, stranger):
    for id_token, note in (("04AABB", "van"), ("04CCDD", "the boss's")):
        IdToken.objects.create(network=network, id_token=id_token, note=note, group="FLEET")
    IdToken.objects.filter(id_token="04AABB").update(status="blocked")

    def texts(**filters):
        return [token.id_token for token in selectors.id_tokens(network, **filters)]

    assert texts() == ["04CCDD", "04AABB", "GOOD"]
    assert texts(q="aab") == ["04AABB"]
    assert texts(q="BOSS") == ["04CCDD"]
    assert texts(status="blocked") == ["04AABB"]
    assert texts(group="FLEET") == ["04CCDD", "04AABB"]
    assert texts(before=IdToken.objects.get(id_token="04AABB").pk) == ["GOOD"]
    assert list(selectors.id_tokens(stranger.network)) == []
