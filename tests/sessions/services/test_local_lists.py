from datetime import UTC, datetime

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict
from sessions.models import IdToken, LocalList
from sessions.services import local_lists
from stations.commands.local_lists import LocalListEntry, SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.commands.tokens import PersonalMessage
from stations.models import Command, CommandState, Variable
from tests.sessions.said import NOON

GOOD = LocalListEntry(id_token="GOOD", status="Accepted")
OTHER = LocalListEntry(id_token="OTHER", status="Blocked")


def everything(entry):
    return entry


def complete(station, **asked):
    return local_lists.complete(station, SendLocalList(**asked), everything)


def answer(station, asked, status="Accepted", version=None):
    accepted = status == "Accepted"
    outcome = Outcome(
        state=CommandState.ACCEPTED if accepted else CommandState.REJECTED,
        status=status,
        detail={"version": asked.version if accepted else version},
    )
    with clock.at(NOON):
        local_lists.answered(station, asked, outcome)
    return LocalList.objects.get(station=station)


def send(station, **asked):
    return answer(station, complete(station, **asked))


def names(asked):
    return [(entry.id_token, entry.status) for entry in asked.entries]


def test_a_list_is_made_of_the_networks_tokens(bravo):
    said = {"group": "FAMILY", "language1": "de", "charging_priority": 2, "personal_message": "Hallo"}
    until = datetime(2099, 1, 1, tzinfo=UTC)
    IdToken.objects.filter(id_token="GOOD").update(expires_at=until, **said)
    IdToken.objects.create(network=bravo.network, id_token="BLOCKED", status="blocked")
    asked = complete(bravo)
    assert asked.version == 1
    assert asked.entries == (
        LocalListEntry(
            id_token="GOOD",
            status="Accepted",
            expires_at=until,
            group_id_token="FAMILY",
            charging_priority=2,
            language1="de",
            personal_message=PersonalMessage(content="Hallo"),
        ),
        LocalListEntry(id_token="BLOCKED", status="Blocked"),
    )


@pytest.mark.parametrize(
    "said",
    [
        {"master_pass": True},
        {"type": "NoAuthorization"},
        {"allowed_evses": [{"station": "alpha", "evse_ids": []}]},
        {"id_token": "x" * 37},
    ],
)
def test_what_a_station_could_get_wrong_is_left_to_be_asked(bravo, said):
    IdToken.objects.create(network=bravo.network, **{"id_token": "A"} | said)
    assert names(complete(bravo)) == [("GOOD", "Accepted")]


def test_a_token_that_may_charge_at_some_evses_is_listed_with_them(bravo):
    IdToken.objects.update(allowed_evses=[{"station": "bravo", "evse_ids": [2]}])
    assert complete(bravo).entries[0].evse_ids == (2,)


def test_what_can_not_be_told_is_left_out(alpha):
    assert local_lists.complete(alpha, SendLocalList(), lambda entry: None).entries == ()


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ({"variable": "Entries", "characteristics": {"maxLimit": 2}}, True),
        ({"variable": "Entries", "characteristics": {"maxLimit": 1.0}}, False),
        ({"variable": "Entries", "characteristics": {"maxLimit": "many"}}, True),
        ({"variable": "LocalAuthListMaxLength", "key": "LocalAuthListMaxLength", "value": "1"}, False),
    ],
)
def test_more_tokens_than_its_list_holds_are_not_sent_to_a_station(bravo, said, fits):
    Variable.objects.create(station=bravo, component="LocalAuthListCtrlr", reported_at=NOON, **said)
    IdToken.objects.create(network=bravo.network, id_token="SECOND")
    if fits:
        assert len(complete(bravo).entries) == 2
    else:
        with pytest.raises(Conflict, match="2 tokens are more than the 1"):
            complete(bravo)


def test_the_next_list_has_the_next_version(bravo):
    assert send(bravo, version=7).version == 7
    assert complete(bravo).version == 8


def test_a_change_tells_what_is_new_what_is_different_and_what_is_gone(bravo):
    IdToken.objects.create(network=bravo.network, id_token="GONE")
    IdToken.objects.create(network=bravo.network, id_token="SAME")
    send(bravo)
    IdToken.objects.filter(id_token="GONE").delete()
    IdToken.objects.filter(id_token="GOOD").update(status="blocked")
    IdToken.objects.create(network=bravo.network, id_token="NEW")
    asked = complete(bravo, update_type=UpdateType.DIFFERENTIAL)
    assert (asked.version, names(asked)) == (2, [("GOOD", "Blocked"), ("NEW", "Accepted"), ("GONE", None)])
    copy = answer(bravo, asked)
    assert (copy.version, [entry["id_token"] for entry in copy.entries]) == (2, ["GOOD", "SAME", "NEW"])
    assert complete(bravo, update_type=UpdateType.DIFFERENTIAL).entries == ()


def test_a_change_needs_a_list_that_is_known(bravo):
    with pytest.raises(Conflict, match="in full"):
        complete(bravo, update_type=UpdateType.DIFFERENTIAL)
    send(bravo)
    local_lists.told_version(bravo, 9)
    with pytest.raises(Conflict, match="in full"):
        complete(bravo, update_type=UpdateType.DIFFERENTIAL)
    assert complete(bravo).version == 10


@pytest.mark.parametrize("version", [2**31 - 1, 2**31, -5])
def test_whatever_version_a_station_tells_the_next_is_one_that_can_be_said(bravo, version):
    send(bravo)
    local_lists.told_version(bravo, version)
    assert complete(bravo).version == 1


@pytest.mark.parametrize("status", ["Failed", "VersionMismatch"])
def test_a_change_that_is_refused_is_followed_by_the_whole_list(bravo, status):
    send(bravo, entries=(GOOD,))
    change = complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    copy = answer(bravo, change, status)
    assert (copy.version, copy.in_step) == (1, False)
    command = Command.objects.get()
    assert (command.name, command.requested_by) == ("send_local_list", "system:local_lists")
    assert command.params == {
        "update_type": "Full",
        "entries": [
            {"id_token": "GOOD", "status": "Accepted"},
            {"id_token": "OTHER", "status": "Blocked"},
        ],
    }


def test_a_change_to_a_list_that_nobody_knows_is_followed_by_the_networks_tokens(bravo):
    change = complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    answer(bravo, change, "VersionMismatch")
    assert Command.objects.get().params == {"update_type": "Full"}


def test_a_whole_list_that_is_refused_is_not_sent_again(bravo):
    copy = answer(bravo, complete(bravo), "Failed")
    assert not copy.in_step
    assert not Command.objects.exists()


def test_a_list_that_was_taken_in_part_has_that_version(bravo):
    send(bravo, entries=(GOOD,))
    copy = answer(bravo, complete(bravo, entries=(GOOD, OTHER)), "Failed", version=2)
    assert (copy.version, copy.in_step, len(copy.entries)) == (2, False, 1)


def test_a_station_that_keeps_no_lists_is_not_sent_any(alpha):
    change = complete(alpha, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    assert not answer(alpha, change, "NotSupported").supported
    assert not Command.objects.exists()


@pytest.mark.parametrize(
    ("version", "in_step", "supported"), [(1, True, True), (0, False, True), (None, False, False)]
)
def test_the_version_that_a_station_tells_is_compared_with_ours(bravo, version, in_step, supported):
    send(bravo)
    local_lists.told_version(bravo, version)
    copy = LocalList.objects.get()
    assert (copy.version, copy.in_step, copy.supported) == (version or 0, in_step, supported)
