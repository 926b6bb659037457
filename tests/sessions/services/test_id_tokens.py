import dataclasses
from datetime import timedelta

import pytest

from emobi.core import clock, errors, unit_of_work
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.models import ChargingSession, IdToken, TokenStatus
from sessions.reports import Token
from sessions.services import charging_sessions, id_tokens
from stations.models import Station
from tests.sessions.said import GOOD, NOON, after, start_16, started, stop_16, tell, told, updated


def add(network, id_token, **fields):
    return IdToken.objects.create(network=network, id_token=id_token, **fields)


def authorize(station, text, kind=None):
    return tell(id_tokens.authorize, station, Token(id_token=text, type=kind))


def test_a_token_of_the_network_is_accepted(alpha):
    assert authorize(alpha, "GOOD").status == AuthorizationStatus.ACCEPTED


def test_letter_case_makes_no_difference(alpha):
    add(alpha.network, "Ärger-1a2b")
    assert authorize(alpha, "good").status == AuthorizationStatus.ACCEPTED
    assert authorize(alpha, "äRGER-1A2B").status == AuthorizationStatus.ACCEPTED


@pytest.mark.parametrize("text", ["NOBODY", "", "GOOD ", "x" * 3000])
def test_what_isn_t_known_is_unknown(alpha, text):
    assert authorize(alpha, text).status == AuthorizationStatus.UNKNOWN


def test_a_tag_without_text_is_nobody_s(alpha):
    assert tell(id_tokens.authorize, alpha, None).status == AuthorizationStatus.UNKNOWN
    assert told(alpha, "session.authorized")[0][1]["id_token"] == ""


def test_another_network_s_token_is_unknown(stranger, alpha):
    assert authorize(stranger, "GOOD").status == AuthorizationStatus.UNKNOWN


def test_a_blocked_token_is_blocked(alpha):
    add(alpha.network, "BLOCKED", status=TokenStatus.BLOCKED)
    assert authorize(alpha, "BLOCKED").status == AuthorizationStatus.BLOCKED


def test_a_token_expires_at_its_time(alpha):
    add(alpha.network, "UNTIL-NOON", expires_at=NOON)
    token = Token(id_token="UNTIL-NOON")
    before = tell(id_tokens.authorize, alpha, token, received=NOON - timedelta(seconds=1))
    assert (before.status, before.expires_at) == (AuthorizationStatus.ACCEPTED, NOON)
    assert tell(id_tokens.authorize, alpha, token, received=NOON).status == AuthorizationStatus.EXPIRED


def test_the_group_comes_with_the_verdict(alpha):
    add(alpha.network, "MEMBER", group="FLEET")
    assert authorize(alpha, "MEMBER").group == "FLEET"
    assert authorize(alpha, "GOOD").group is None


def test_no_authorization_is_a_token_that_is_accepted(bravo):
    assert authorize(bravo, "", id_tokens.NO_AUTHORIZATION).status == AuthorizationStatus.ACCEPTED


def test_every_authorize_is_told_with_its_verdict(bravo):
    authorize(bravo, "GOOD", "ISO14443")
    authorize(bravo, "NOBODY")
    assert told(bravo) == [
        (
            "session.authorized",
            {
                "evse_id": None,
                "connector_id": None,
                "station_time": None,
                "received_at": clock.iso(NOON),
                "id_token": text,
                "id_token_type": kind,
                "authorization": status,
            },
        )
        for text, kind, status in [("GOOD", "ISO14443", "Accepted"), ("NOBODY", None, "Unknown")]
    ]


def test_a_token_that_charges_at_another_station_is_concurrent(alpha, bravo):
    tell(charging_sessions.start, alpha, start_16())
    assert authorize(bravo, "good").status == AuthorizationStatus.CONCURRENT_TX


@pytest.mark.parametrize(
    ("hours", "connectivity", "status"),
    [
        (13, "offline", "Accepted"),
        (11, "offline", "ConcurrentTx"),
        (13, "online", "ConcurrentTx"),
        (13, "silent", "ConcurrentTx"),
    ],
)
def test_a_session_of_a_station_that_died_keeps_nobody_from_charging(
    alpha, bravo, hours, connectivity, status
):
    for token, evse_id in ((Token(id_token="GOOD"), 1), (roaming(), 2)):
        tell(charging_sessions.start, alpha, start_16(token=token, evse_id=evse_id))
    Station.objects.filter(pk=alpha.pk).update(connectivity=connectivity)
    late = {"received": after(hours * 60)}
    for token in (Token(id_token="good"), roaming()):
        assert tell(id_tokens.authorize, bravo, token, **late).status == status
    assert ChargingSession.objects.filter(station=alpha, state="active").count() == 2


def test_a_token_may_be_shown_where_it_charges(alpha):
    tell(charging_sessions.start, alpha, start_16())
    assert authorize(alpha, "GOOD").status == AuthorizationStatus.ACCEPTED


def test_a_second_start_on_another_evse_is_concurrent(alpha):
    tell(charging_sessions.start, alpha, start_16())
    second = tell(charging_sessions.start, alpha, start_16(1, evse_id=2))
    assert second.authorization.status == AuthorizationStatus.CONCURRENT_TX
    assert second.session.authorization == "ConcurrentTx"


def test_a_start_in_place_of_one_that_was_lost_isn_t_concurrent(alpha):
    tell(charging_sessions.start, alpha, start_16())
    second = tell(charging_sessions.start, alpha, start_16(5))
    assert second.authorization.status == AuthorizationStatus.ACCEPTED


def test_a_token_in_its_own_session_isn_t_concurrent(bravo):
    tell(charging_sessions.start, bravo, started(token=None))
    verdict = tell(charging_sessions.update, bravo, updated(1, 1, token=GOOD, trigger="Authorized"))
    assert verdict.status == AuthorizationStatus.ACCEPTED
    again = tell(charging_sessions.update, bravo, updated(2, 2, token=GOOD, trigger="Authorized"))
    assert again.status == AuthorizationStatus.ACCEPTED


def test_a_token_that_was_stopped_in_the_same_batch_is_free(alpha, bravo):
    first = tell(charging_sessions.start, alpha, start_16())
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.end(alpha, stop_16(first.session.transaction_id))
        assert charging_sessions.start(bravo, started()).authorization.status == AuthorizationStatus.ACCEPTED


def test_tokens_that_may_are_concurrent_without_a_word(alpha, bravo):
    add(alpha.network, "FLEET-CARD", concurrent=True)
    tell(charging_sessions.start, alpha, start_16(token=Token(id_token="FLEET-CARD")))
    assert authorize(bravo, "FLEET-CARD").status == AuthorizationStatus.ACCEPTED


def roaming(concurrent=False):
    """A token that our table doesn't have, and somebody else vouches for."""
    verdict = Authorization(status=AuthorizationStatus.ACCEPTED, concurrent=concurrent)
    return Token(id_token="ROAMING", elsewhere=verdict)


def test_a_token_that_somebody_else_vouches_for_has_one_session_as_well(alpha, bravo):
    first = tell(charging_sessions.start, alpha, start_16(token=roaming()))
    assert first.authorization.status == AuthorizationStatus.ACCEPTED
    elsewhere = dataclasses.replace(roaming(), id_token="roaming")
    assert tell(id_tokens.authorize, bravo, elsewhere).status == AuthorizationStatus.CONCURRENT_TX
    assert tell(id_tokens.authorize, alpha, roaming()).status == AuthorizationStatus.ACCEPTED
    second = tell(charging_sessions.start, alpha, start_16(1, evse_id=2, token=roaming()))
    assert second.authorization.status == AuthorizationStatus.CONCURRENT_TX
    assert tell(id_tokens.authorize, bravo, roaming(concurrent=True)).status == AuthorizationStatus.ACCEPTED
    stop = stop_16(first.session.transaction_id, token=roaming())
    assert tell(charging_sessions.end, alpha, stop).status == AuthorizationStatus.ACCEPTED


def test_a_token_of_somebody_else_that_was_stopped_in_the_same_batch_is_free(alpha, bravo):
    first = tell(charging_sessions.start, alpha, start_16(token=roaming()))
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.end(alpha, stop_16(first.session.transaction_id))
        again = charging_sessions.start(bravo, started(token=roaming()))
        assert again.authorization.status == AuthorizationStatus.ACCEPTED
        assert id_tokens.authorize(alpha, roaming()).status == AuthorizationStatus.CONCURRENT_TX


def test_stopping_is_never_concurrent(alpha, bravo):
    tell(charging_sessions.start, alpha, start_16())
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.update, bravo, updated(1, 5))
    stop = updated(2, 6, token=GOOD, trigger="StopAuthorized")
    assert tell(charging_sessions.update, bravo, stop).status == AuthorizationStatus.ACCEPTED


def test_a_master_pass_may_stop_and_not_start(alpha):
    add(alpha.network, "POLICE", master_pass=True)
    police = Token(id_token="POLICE")
    assert authorize(alpha, "POLICE").status == AuthorizationStatus.ACCEPTED
    begun = tell(charging_sessions.start, alpha, start_16(token=police))
    assert begun.authorization.status == AuthorizationStatus.INVALID
    verdict = tell(charging_sessions.end, alpha, stop_16(begun.session.transaction_id, token=police))
    assert verdict.status == AuthorizationStatus.ACCEPTED


def test_a_token_is_created_with_what_is_said_of_it(network):
    made = id_tokens.create(network, " 04A2 ", type="eMAID", expires_at=NOON, group="FLEET", note="van 7")
    found = IdToken.objects.get(pk=made.pk)
    assert (found.id_token, found.type, found.status, found.expires_at, found.group, found.note) == (
        "04A2", "eMAID", "accepted", NOON, "FLEET", "van 7",
    )  # fmt: skip


def test_a_network_has_a_token_once_in_whatever_case(network, stranger):
    with pytest.raises(errors.Conflict):
        id_tokens.create(network, "good")
    id_tokens.create(stranger.network, "good")


@pytest.mark.parametrize(
    ("id_token", "fields", "field"),
    [
        ("", {}, "id_token"),
        ("  ", {}, "id_token"),
        ("x" * 256, {}, "id_token"),
        ("A\0B", {}, "id_token"),
        ("A", {"type": "Paper"}, "type"),
        ("A", {"status": "lost"}, "status"),
        ("A", {"group": "g" * 37}, "group"),
        ("A", {"note": "a\0b"}, "note"),
        ("A", {"expires_at": "soon"}, "expires_at"),
    ],
)
def test_a_field_that_can_t_be_taken_is_named(network, id_token, fields, field):
    with pytest.raises(errors.Invalid) as refused:
        id_tokens.create(network, id_token, **fields)
    assert refused.value.field == field


def test_a_token_is_blocked_and_the_rest_stays(network):
    id_tokens.change(network, "GOOD", by="user:a", note="the boss's")
    changed = id_tokens.change(network, "good", by="user:a", status="blocked")
    assert (changed.status, changed.note, changed.id_token) == ("blocked", "the boss's", "GOOD")


def test_another_network_s_token_can_t_be_changed(stranger, network):
    with pytest.raises(errors.NotFound):
        id_tokens.change(stranger.network, "GOOD", by="user:a", status="blocked")
    assert IdToken.objects.get(network=network).status == "accepted"


def test_a_refused_change_changes_nothing(network):
    with pytest.raises(errors.Invalid):
        id_tokens.change(network, "GOOD", by="user:a", note="new", group="g" * 37)
    assert IdToken.objects.get(network=network).note == ""
