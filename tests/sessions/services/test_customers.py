import pytest

from emobi.core.models import AuditEntry
from sessions.models import ChargingSession, IdToken, LocalList, SessionState
from sessions.services import customers, unfinished_lists
from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Station
from stations.reports import CustomerReport
from tests.stations.telling import NOON, after, tell, told

ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")
REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")


def part(text: str, seq_no: int = 0, last: bool = True) -> CustomerReport:
    return CustomerReport(request_id=7, seq_no=seq_no, last=last, station_time=NOON, text=text)


def ask(station, **params) -> None:
    Command.objects.create(
        id="C7", network=station.network, station=station, name="customer_information",
        params={"request_id": 7} | params, state=CommandState.ACCEPTED, requested_by="user:alice",
        expires_at=after(60), sent_at=after(-10),
    )  # fmt: skip


def session(station, number: int, token: str = "GOOD", state: str = SessionState.ENDED) -> ChargingSession:
    return ChargingSession.objects.create(
        id=f"S{station.pk}-{number}", network=station.network, station=station, transaction_id=str(number),
        id_token=token, id_token_type="ISO14443", state=state, started_at=NOON, received_at=NOON,
        heard_at=NOON, meter_start_wh=1,
    )  # fmt: skip


def test_the_parts_are_put_together_in_their_order(bravo):
    ask(bravo, customer_identifier="van 7")
    tell(customers.report, bravo, part("no more", seq_no=1))
    assert told(bravo) == []
    tell(customers.report, bravo, part("cache: ", last=False))
    ((kind, data),) = told(bravo)
    assert kind == "customer.information"
    assert (data["request_id"], data["text"], data["held_here"]) == (7, "cache: no more", None)


def test_what_we_hold_of_a_token_is_counted(bravo, alpha):
    IdToken.objects.get_or_create(network=bravo.network, id_token="GOOD")
    for number in (1, 2):
        session(bravo, number)
    session(bravo, 3, "OTHER")
    session(alpha, 4)
    ask(bravo, id_token="good")
    tell(customers.report, bravo, part("nothing"))
    assert told(bravo)[0][1]["held_here"] == {"id_tokens": 1, "sessions": 2}


def test_a_long_text_is_told_in_its_beginning_and_kept_whole(bravo):
    ask(bravo, customer_identifier="van 7")
    parts = 20
    for number in range(parts):
        tell(customers.report, bravo, part("x" * 512, seq_no=number, last=number == parts - 1))
    text = told(bravo)[0][1]["text"]
    assert text == "x" * customers.LONGEST_TOLD + "…"
    assert Command.objects.get().report["count"] == parts


def forget(station, outcome=ACCEPTED, **params):
    asked = catalogue.parse("customer_information", {"id_token": "good", "clear": True} | params)
    tell(customers.forget, station, asked, outcome)


def test_sessions_that_ended_there_lose_their_token_and_keep_their_energy(bravo, alpha):
    ended, running = session(bravo, 1), session(bravo, 2, state=SessionState.ACTIVE)
    other, elsewhere = session(bravo, 3, "OTHER"), session(alpha, 4)
    forget(bravo, forget_here=True)
    tokens = dict(ChargingSession.objects.values_list("pk", "id_token"))
    assert tokens == {ended.pk: "", running.pk: "GOOD", other.pk: "OTHER", elsewhere.pk: "GOOD"}
    ended.refresh_from_db()
    assert (ended.id_token_type, ended.meter_start_wh) == ("", 1)
    entry = AuditEntry.objects.get(action="customer.forgotten")
    assert (entry.target, entry.detail) == ("bravo", {"sessions": 1})


@pytest.mark.parametrize(("outcome", "params"), [(ACCEPTED, {}), (REJECTED, {"forget_here": True})])
def test_nothing_is_forgotten_unless_it_was_asked_and_agreed(bravo, outcome, params):
    session(bravo, 1)
    forget(bravo, outcome, **params)
    assert ChargingSession.objects.get().id_token == "GOOD"
    assert not AuditEntry.objects.exists()


def listed(station, *entries) -> None:
    LocalList.objects.create(station=station, version=3, entries=entries, changed_at=NOON)


def test_a_token_on_the_local_list_is_taken_off_it(bravo):
    listed(bravo, {"id_token": "GOOD", "id_token_type": "eMAID", "status": "Accepted"}, {"id_token": "OTHER"})
    forget(bravo)
    (command,) = Command.objects.all()
    assert (command.name, command.requested_by) == ("send_local_list", "system:privacy")
    assert command.params == {
        "update_type": "Differential",
        "entries": [{"id_token": "GOOD", "id_token_type": "eMAID"}],
    }


def test_a_token_on_a_list_of_which_a_part_was_taken_is_on_none_that_is_sent_again(bravo):
    other = {"id_token": "OTHER", "id_token_type": "ISO14443", "status": "Accepted"}
    whole = [other | {"id_token": "Good"}, other]
    LocalList.objects.create(
        station=bravo, version=4, in_step=False, entries=[], unfinished=whole, changed_at=NOON
    )
    forget(bravo)
    unfinished_lists.send_due()
    (command,) = Command.objects.all()
    assert (command.params["update_type"], command.params["entries"]) == ("Full", [other])


@pytest.mark.parametrize(("outcome", "params"), [(REJECTED, {}), (ACCEPTED, {"clear": False})])
def test_a_list_stays_where_the_station_keeps_the_customer(bravo, outcome, params):
    listed(bravo, {"id_token": "GOOD"})
    forget(bravo, outcome, **params)
    assert not Command.objects.exists()


def test_a_token_that_is_on_no_list_needs_no_new_one(bravo):
    listed(bravo, {"id_token": "OTHER"})
    forget(bravo)
    assert not Command.objects.exists()


def test_a_station_that_may_not_be_asked_forgets_and_its_list_is_left_with_a_note(bravo):
    listed(bravo, {"id_token": "GOOD"})
    ended = session(bravo, 1)
    Station.objects.update(registration="rejected")
    bravo.refresh_from_db()
    forget(bravo, forget_here=True)
    ended.refresh_from_db()
    assert ended.id_token == ""
    assert not Command.objects.exists()
    assert AuditEntry.objects.get(action="customer.left_on_list").detail["entries"] == 1
