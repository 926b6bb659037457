"""SendLocalList and GetLocalListVersion in 1.6."""

import dataclasses
from datetime import UTC, datetime

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER, send_local_list
from stations.commands.local_lists import GetLocalListVersion, LocalListEntry, SendLocalList, UpdateType
from stations.commands.tokens import AdditionalInfo, PersonalMessage
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

GOOD = LocalListEntry(
    id_token="GOOD",
    status="Accepted",
    expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    group_id_token="FAMILY",
)


def test_a_full_list_says_all_of_its_tags():
    assert asked("1.6", "send_local_list", SendLocalList(version=5, entries=(GOOD,))) == (
        "SendLocalList",
        {
            "listVersion": 5,
            "updateType": "Full",
            "localAuthorizationList": [
                {
                    "idTag": "GOOD",
                    "idTagInfo": {
                        "status": "Accepted",
                        "expiryDate": "2099-01-01T00:00:00.000Z",
                        "parentIdTag": "FAMILY",
                    },
                }
            ],
        },
    )


def test_a_tag_without_a_status_is_taken_off_the_list():
    command = SendLocalList(
        update_type=UpdateType.DIFFERENTIAL, version=6, entries=(LocalListEntry(id_token="GOOD"),)
    )
    _, payload = asked("1.6", "send_local_list", command)
    assert payload["localAuthorizationList"] == [{"idTag": "GOOD"}]


@pytest.mark.parametrize(
    "unsaid",
    [
        {"id_token": "x" * 21},
        {"group_id_token": "x" * 21},
        {"evse_ids": (1,)},
        {"charging_priority": 1},
        {"language1": "de"},
        {"personal_message": PersonalMessage(content="Hello")},
        {"additional_info": (AdditionalInfo(additional_id_token="4711", type="card"),)},
    ],
)
def test_what_this_version_can_not_say_is_refused(unsaid):
    command = SendLocalList(version=5, entries=(dataclasses.replace(GOOD, **unsaid),))
    with pytest.raises(CommandUnsupported):
        send_local_list.encode(command)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("Failed", CommandState.REJECTED),
        ("NotSupported", CommandState.REJECTED),
        ("VersionMismatch", CommandState.REJECTED),
    ],
)
def test_the_station_takes_the_list_or_leaves_it(status, state):
    outcome = answered("1.6", "send_local_list", SendLocalList(version=1), {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize(
    ("said", "state", "version"),
    [(0, CommandState.ACCEPTED, 0), (17, CommandState.ACCEPTED, 17), (-1, CommandState.REJECTED, None)],
)
def test_the_version_of_the_list_is_told(said, state, version):
    assert asked("1.6", "get_local_list_version", GetLocalListVersion()) == ("GetLocalListVersion", {})
    outcome = answered("1.6", "get_local_list_version", GetLocalListVersion(), {"listVersion": said})
    assert outcome.state == state
    assert outcome.detail == {"version": version, "supported": version is not None}


def parts(alpha, *entries):
    command = SendLocalList(update_type=UpdateType.DIFFERENTIAL, version=6, entries=entries)
    return [part.entries for part in ADAPTER.senders["send_local_list"].pieces(command, alpha)]


def test_two_tokens_that_differ_by_their_type_alone_are_refused(alpha):
    with pytest.raises(CommandUnsupported, match="good is on the list twice"):
        parts(alpha, GOOD, dataclasses.replace(GOOD, id_token="good", id_token_type="eMAID"))


@pytest.mark.parametrize("removed_first", [True, False])
def test_a_token_that_changed_its_type_stays_on_the_list(alpha, removed_first):
    changed, gone = dataclasses.replace(GOOD, id_token_type="eMAID"), LocalListEntry(id_token="GOOD")
    said = (gone, changed) if removed_first else (changed, gone)
    assert parts(alpha, *said) == [(changed,)]
