import contextlib
from datetime import UTC, datetime

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict
from sessions.models import IdToken, LocalList
from sessions.services import local_lists, unfinished_lists
from stations.commands.local_lists import LocalListEntry, SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.commands.tokens import PersonalMessage
from stations.models import Command, CommandState, Station, Variable
from tests.sessions.said import NOON
from tests.stations.telling import tell

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


def refuses_all(station) -> bool:
    """Whether nothing is asked of it any more, be it a whole list or a change."""
    taken = []
    for update_type in UpdateType:
        with contextlib.suppress(Conflict):
            complete(station, update_type=update_type, entries=(OTHER,))
            taken.append(update_type)
    assert len(taken) in (0, 2)
    return not taken


def test_who_keeps_no_lists_is_asked_again_with_another_firmware_or_if_somebody_insists(alpha):
    alpha.firmware_version = "1.0"
    answer(alpha, complete(alpha), "NotSupported")
    assert refuses_all(alpha)
    assert complete(alpha, even_if_unsupported=True).entries
    alpha.firmware_version = "2.0"
    assert not refuses_all(alpha)
    answer(alpha, complete(alpha), "NotSupported")
    assert refuses_all(alpha)
    answer(alpha, complete(alpha, even_if_unsupported=True))
    assert not refuses_all(alpha)


def test_who_has_no_such_message_or_tells_no_version_keeps_no_lists(bravo):
    tell(local_lists.not_known, bravo)
    assert refuses_all(bravo)
    local_lists.told_version(bravo, 0)
    assert not refuses_all(bravo)
    local_lists.told_version(bravo, None)
    assert refuses_all(bravo)


@pytest.mark.parametrize("version", [1, 6, 7])
def test_a_change_with_a_version_that_would_be_refused_is_not_sent(bravo, version):
    send(bravo, version=7)
    with pytest.raises(Conflict, match="above 7"):
        complete(bravo, update_type=UpdateType.DIFFERENTIAL, version=version, entries=(OTHER,))
    assert complete(bravo, update_type=UpdateType.DIFFERENTIAL, version=8, entries=(OTHER,)).version == 8
    assert complete(bravo, version=version).version == version


@pytest.mark.parametrize(
    ("version", "in_step", "supported"),
    [(1, True, True), (2, False, True), (0, False, True), (None, False, False)],
)
def test_the_version_that_a_station_tells_is_compared_with_ours(bravo, version, in_step, supported):
    send(bravo)
    local_lists.told_version(bravo, version)
    copy = LocalList.objects.get()
    assert (copy.version, copy.in_step, copy.supported) == (version or 0, in_step, supported)


def in_use(station, value="true"):
    Variable.objects.create(
        station=station, component="LocalAuthListCtrlr", variable="Enabled", attribute="Actual", value=value,
        reported_at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_list_that_isnt_in_use_is_no_empty_one(alpha, bravo, version):
    station = {"1.6": alpha, "2.0.1": bravo}[version]
    send(station, entries=(GOOD, OTHER))
    in_use(station, "false")
    local_lists.told_version(station, 0)
    copy = LocalList.objects.get()
    assert (len(copy.entries), copy.in_step, copy.supported) == (2, False, True)


def test_a_list_that_the_station_lost_is_empty_here_too(bravo):
    send(bravo, entries=(GOOD, OTHER))
    in_use(bravo)
    local_lists.told_version(bravo, 0)
    third = LocalListEntry(id_token="THIRD", status="Accepted")
    copy = answer(bravo, complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(third,)))
    assert ([entry["id_token"] for entry in copy.entries], copy.in_step) == (["THIRD"], True)


@pytest.mark.parametrize("told", [None, 9])
def test_a_change_to_a_list_that_nobody_knows_makes_none_that_is_known(bravo, told):
    if told is not None:
        send(bravo, entries=(GOOD,))
        local_lists.told_version(bravo, told)
    change = complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    assert not answer(bravo, change).in_step
    if told is not None:
        local_lists.told_version(bravo, change.version)
    assert not LocalList.objects.get().in_step
    with pytest.raises(Conflict, match="in full"):
        complete(bravo, update_type=UpdateType.DIFFERENTIAL)


@pytest.mark.parametrize("emptied", ["told", "sent"])
def test_a_change_to_an_empty_list_that_is_refused_is_followed_by_what_was_wanted(bravo, emptied):
    if emptied == "told":
        in_use(bravo)
        local_lists.told_version(bravo, 0)
    else:
        send(bravo, entries=())
    answer(bravo, complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,)), "VersionMismatch")
    assert Command.objects.get().params == {
        "update_type": "Full",
        "entries": [{"id_token": "OTHER", "status": "Blocked"}],
    }


def test_who_was_shut_out_meanwhile_is_sent_nothing_and_its_answer_counts(bravo):
    send(bravo, entries=(GOOD,))
    change = complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    Station.objects.update(registration="rejected")
    bravo.refresh_from_db()
    copy = answer(bravo, change, "Failed")
    assert (copy.version, copy.in_step) == (1, False)
    assert not Command.objects.exists()


# ── lists of which only a part was taken ────────────────────────────────────────────────────────────────


def take_a_part(station, asked):
    """Of a list in several messages the station took the first."""
    so_far = Outcome(state=CommandState.ACCEPTED, status="Accepted", detail={"version": asked.version})
    tell(local_lists.partly_answered, station, asked, so_far)
    return LocalList.objects.get()


def sent_again():
    """The params of what was sent in full, in order; every one is over, as if it had been answered."""
    found = list(Command.objects.filter(name="send_local_list").order_by("pk"))
    Command.objects.update(state=CommandState.FAILED)
    return [command.params for command in found]


def test_while_parts_are_told_the_copy_is_not_in_step(bravo):
    send(bravo, entries=(GOOD,))
    asked = complete(bravo, version=4, entries=(GOOD, OTHER))
    copy = take_a_part(bravo, asked)
    assert (copy.version, copy.in_step, len(copy.unfinished)) == (4, False, 2)
    local_lists.told_version(bravo, 4)
    assert not LocalList.objects.get().in_step
    with pytest.raises(Conflict, match="only a part"):
        complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    copy = answer(bravo, asked)
    assert (copy.in_step, copy.unfinished, len(copy.entries)) == (True, None, 2)
    assert unfinished_lists.send_due() == 0


def test_a_list_whose_rest_is_refused_is_sent_again_from_its_start(bravo):
    asked = complete(bravo, entries=(GOOD, OTHER))
    take_a_part(bravo, asked)
    copy = answer(bravo, asked, "Failed", version=1)
    assert (copy.tries, copy.in_step) == (1, False)
    assert unfinished_lists.send_due() == 0
    (params,) = sent_again()
    assert params == {
        "update_type": "Full",
        "entries": [
            {"id_token": "GOOD", "status": "Accepted"},
            {"id_token": "OTHER", "status": "Blocked"},
        ],
    }


def test_a_list_whose_rest_was_lost_is_sent_again_a_few_times(bravo):
    take_a_part(bravo, complete(bravo, entries=(GOOD, OTHER)))
    for count in (1, 2, 3):
        assert unfinished_lists.send_due() == 1
        assert len(sent_again()) == count
    assert unfinished_lists.send_due() == 1
    assert len(sent_again()) == 3
    assert unfinished_lists.send_due() == 0
    copy = LocalList.objects.get()
    assert (copy.unfinished, copy.in_step) == (None, False)


def test_a_change_whose_rest_was_lost_is_mended_by_the_whole_list(bravo):
    send(bravo, entries=(GOOD,))
    change = complete(bravo, update_type=UpdateType.DIFFERENTIAL, entries=(OTHER,))
    take_a_part(bravo, change)
    assert unfinished_lists.send_due() == 1
    assert [each["id_token"] for each in sent_again()[0]["entries"]] == ["GOOD", "OTHER"]


def test_who_may_not_be_asked_is_sent_nothing(bravo):
    take_a_part(bravo, complete(bravo, entries=(GOOD,)))
    Station.objects.update(registration="rejected")
    unfinished_lists.send_due()
    assert sent_again() == []
    assert LocalList.objects.get().tries == 0
