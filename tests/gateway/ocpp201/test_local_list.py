"""SendLocalList and GetLocalListVersion in 2.0.1."""

from datetime import UTC, datetime

import pytest

from stations.commands.local_lists import GetLocalListVersion, LocalListEntry, SendLocalList, UpdateType
from stations.commands.tokens import AdditionalInfo, PersonalMessage
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

EVERYTHING = LocalListEntry(
    id_token="GOOD",
    additional_info=(AdditionalInfo(additional_id_token="4711", type="card"),),
    status="Accepted",
    expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    group_id_token="FAMILY",
    evse_ids=(1, 2),
    charging_priority=3,
    language1="de",
    language2="fr",
    personal_message=PersonalMessage(content="Hallo", language="de"),
)


def test_a_full_list_says_all_of_its_tokens():
    command = SendLocalList(version=5, entries=(EVERYTHING,))
    assert asked("2.0.1", "send_local_list", command) == (
        "SendLocalList",
        {
            "versionNumber": 5,
            "updateType": "Full",
            "localAuthorizationList": [
                {
                    "idToken": {
                        "idToken": "GOOD",
                        "type": "ISO14443",
                        "additionalInfo": [{"additionalIdToken": "4711", "type": "card"}],
                    },
                    "idTokenInfo": {
                        "status": "Accepted",
                        "cacheExpiryDateTime": "2099-01-01T00:00:00.000Z",
                        "chargingPriority": 3,
                        "language1": "de",
                        "evseId": [1, 2],
                        "language2": "fr",
                        "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
                        "personalMessage": {"format": "UTF8", "content": "Hallo", "language": "de"},
                    },
                }
            ],
        },
    )


def test_an_empty_list_is_left_out():
    _, payload = asked("2.0.1", "send_local_list", SendLocalList(version=5, entries=()))
    assert payload == {"versionNumber": 5, "updateType": "Full"}


def test_a_token_without_a_status_is_taken_off_the_list():
    command = SendLocalList(
        update_type=UpdateType.DIFFERENTIAL, version=6, entries=(LocalListEntry(id_token="GOOD"),)
    )
    _, payload = asked("2.0.1", "send_local_list", command)
    assert payload == {
        "versionNumber": 6,
        "updateType": "Differential",
        "localAuthorizationList": [{"idToken": {"idToken": "GOOD", "type": "ISO14443"}}],
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("Failed", CommandState.REJECTED),
        ("VersionMismatch", CommandState.REJECTED),
    ],
)
def test_the_station_takes_the_list_or_leaves_it(status, state):
    outcome = answered("2.0.1", "send_local_list", SendLocalList(version=1), {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize("version", [0, 17])
def test_the_version_of_the_list_is_told(version):
    assert asked("2.0.1", "get_local_list_version", GetLocalListVersion()) == ("GetLocalListVersion", {})
    outcome = answered("2.0.1", "get_local_list_version", GetLocalListVersion(), {"versionNumber": version})
    assert outcome.detail == {"version": version, "supported": True}
