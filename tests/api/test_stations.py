import pytest

from emobi.core import unit_of_work
from emobi.core.models import AuditEntry
from sessions.models import ChargingSession
from sessions.services import charging_sessions
from stations.models import Command, Connection, Connector, Deviation, Station
from stations.services.trust import credentials
from tests.api.calling import Caller
from tests.sessions.said import start_16, tell
from tests.stations.telling import NOON, after

FIELDS = {
    "identity", "connectivity", "registration", "ocpp_version", "vendor", "model", "serial_number",
    "firmware_version", "last_heard_at", "connected_at", "evses", "capabilities", "clock_skew_s",
    "deviations",
}  # fmt: skip


def add(network, identity: str, **fields) -> Station:
    return Station.objects.create(network=network, identity=identity, **fields)


def plug(station: Station, evse_id: int, connector_id: int = 1, **fields) -> None:
    said = {"status": "Available", "changed_at": NOON, "reported_at": NOON, **fields}
    Connector.objects.create(station=station, evse_id=evse_id, connector_id=connector_id, **said)


def connect(station: Station, **fields) -> None:
    said = {"opened_at": NOON, "last_heard_at": after(5), **fields}
    Connection.objects.create(
        station=station, epoch=1, gateway="g1", ocpp_version="1.6", security_profile=1, **said
    )


def identities(caller: Caller, **filters) -> list[str]:
    return [station["identity"] for station in caller.get("/stations", **filters)["items"]]


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_has_both_versions_by_identity(viewer, alpha, bravo):
    page = viewer.get("/stations")
    assert [(each["identity"], each["ocpp_version"]) for each in page["items"]] == [
        ("alpha", "1.6"),
        ("bravo", "2.0.1"),
    ]
    assert page["next"] is None
    assert page["items"][0].keys() >= FIELDS


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
def test_pages_follow_each_other_without_gap_or_repetition(viewer, network, stranger, limit):
    wanted = ["A", "b", "C", "CP-1", "cp-2", "ÄB", "äc", "zz"]
    for identity in reversed(wanted):
        add(network, identity)
    paged = [station["identity"] for station in viewer.all("/stations", limit)]
    assert sorted(paged) == sorted(wanted)
    assert paged == identities(viewer)


def test_a_page_survives_the_deletion_of_its_last_station(viewer, network):
    for identity in "abcd":
        add(network, identity)
    first = viewer.get("/stations", limit=2)
    Station.objects.get(identity="b").delete()
    assert [each["identity"] for each in viewer.get("/stations", cursor=first["next"])["items"]] == ["c", "d"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"connectivity": "online"}, ["CP1"]),
        ({"connectivity": "never"}, []),
        ({"version": "2.0.1"}, ["CP2"]),
        ({"vendor": "WALLWORKS"}, ["CP1"]),
        ({"model": "p9"}, ["CP2"]),
        ({"firmware": "1.0"}, ["CP1"]),
        ({"status": "Faulted"}, ["CP1"]),
        ({"status": "SuspendedEV"}, ["CP2"]),
        ({"q": "harb"}, ["CP1"]),
        ({"q": "cp"}, ["CP1", "CP2"]),
        ({"q": "100%"}, []),
        ({"q": "cp", "connectivity": "offline"}, ["CP2"]),
    ],
)
def test_each_filter_holds_alone_and_with_others(viewer, network, filters, expected):
    one = add(
        network, "CP1", connectivity="online", ocpp_version="1.6", vendor="Wallworks", model="W1",
        firmware_version="1.0", site="Harbour",
    )  # fmt: skip
    two = add(network, "CP2", connectivity="offline", ocpp_version="2.0.1", vendor="Posts", model="P9")
    plug(one, 1, status="Faulted")
    plug(two, 1, status="Occupied", detail="SuspendedEV")
    assert identities(viewer, **filters) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": 10**40}, "limit"),
        ({"cursor": "%%%"}, "cursor"),
        ({"cursor": "Y!"}, "cursor"),
        ({"cursor": "AA"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"connectivity": "asleep"}, "connectivity"),
        ({"version": "1.5"}, "version"),
        ({"q": "x" * 101}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"q": ["one", "two"]}, "q"),
    ],
)
def test_a_query_that_cant_be_is_a_422_that_names_the_field(viewer, query, field):
    assert [error["field"] for error in viewer.get("/stations", expect=422, **query)["errors"]] == [field]


# ── one station ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_station_is_read_with_its_connectors_and_what_is_known_of_it(viewer, alpha):
    Station.objects.filter(pk=alpha.pk).update(connectivity="online", vendor="Wallworks", clock_skew_s=-2.5)
    connect(alpha)
    plug(alpha, 0, 0, status="Unavailable")
    plug(alpha, 2, status="Faulted", error_code="GroundFailure", info="<b>")
    plug(alpha, 1, 2)
    plug(alpha, 1, 1, type="cType2")
    Deviation.objects.create(
        station=alpha, action="BootNotification", path="iccid", rule="maxLength", first_at=NOON, last_at=NOON
    )
    told = viewer.get("/stations/alpha")
    assert told["connectivity"] == "online"
    assert told["vendor"] == "Wallworks"
    assert told["model"] is None
    assert told["clock_skew_s"] == -2.5
    assert told["status"] == "Unavailable"
    assert told["connected_at"] == "2026-05-04T12:00:00.000Z"
    assert told["last_heard_at"] == "2026-05-04T12:00:05.000Z"
    assert [
        (evse["evse_id"], [connector["connector_id"] for connector in evse["connectors"]])
        for evse in told["evses"]
    ] == [(1, [1, 2]), (2, [1])]
    assert told["evses"][1]["connectors"][0] == {
        "connector_id": 1,
        "type": None,
        "status": "Faulted",
        "detail": None,
        "error_code": "GroundFailure",
        "vendor_error_code": None,
        "info": "<b>",
        "changed_at": "2026-05-04T12:00:00.000Z",
        "reported_at": "2026-05-04T12:00:00.000Z",
    }
    assert [each["path"] for each in told["deviations"]] == ["iccid"]
    assert told["capabilities"]["reset"]["in_version"] is True
    assert told["capabilities"]["get_base_report"]["in_version"] is False


def test_a_station_whose_socket_is_closed_isnt_connected(viewer, alpha):
    connect(alpha, closed_at=after(9))
    told = viewer.get("/stations/alpha")
    assert (told["connected_at"], told["last_heard_at"]) == (None, "2026-05-04T12:00:05.000Z")


@pytest.mark.parametrize("identity", ["alpha", "ALPHA", "AlphA"])
def test_a_station_is_found_in_whatever_case(viewer, alpha, identity):
    assert viewer.get(f"/stations/{identity}")["identity"] == "alpha"


# ── a new one ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_station_is_answered_with_its_password_once_and_its_urls(operator, network):
    told = operator.post("/stations", {"identity": "CP 1"})
    assert told["registration"] == "accepted"
    assert told["connectivity"] == "never"
    assert told["urls"] == [
        "ws://127.0.0.1:9000/ocpp/grid/CP%201",
        "wss://127.0.0.1:9443/ocpp/grid/CP%201",
    ]
    station = Station.objects.get(identity="CP 1")
    assert credentials.matching(station.pk, station.password_hash, told["password"].encode())
    assert operator.get("/stations/CP%201").keys() == told.keys() - {"password", "urls"}


def test_all_that_may_be_said_of_a_new_station_is_taken(operator, network):
    given = {
        "registration": "pending",
        "security_profile": 2,
        "serial_number": "S-1",
        "allowed_versions": ["1.6"],
        "heartbeat_interval_s": 60,
        "quirks": {"boot_wait_s": 3},
        "tags": ["harbour", "new"],
        "site": "Harbour",
        "maintenance": True,
    }
    told = operator.post("/stations", {"identity": "CP1", "password": "sixteen letters!", **given})
    assert {name: told[name] for name in given} == given
    assert told["password"] == "sixteen letters!"


@pytest.mark.parametrize("profile", [0, 3])
def test_a_station_of_a_profile_without_passwords_gets_none(operator, network, profile):
    told = operator.post("/stations", {"identity": "CP1", "security_profile": profile})
    assert told["password"] is None


@pytest.mark.parametrize("identity", ["alpha", "ALPHA"])
def test_an_identity_that_is_taken_in_whatever_case_is_a_409(operator, alpha, identity):
    operator.post("/stations", {"identity": identity}, expect=409)
    assert Station.objects.count() == 1


@pytest.mark.parametrize("identity", ["İstanbul", "STRASSE-ẞ", "ΑΣ", "\U0001f50c", "𐐀"])
def test_an_identity_of_letters_whose_case_is_peculiar_is_found_again(operator, network, identity):
    operator.post("/stations", {"identity": identity})
    assert operator.get(f"/stations/{identity}")["identity"] == identity
    operator.post("/stations", {"identity": identity}, expect=409)
    assert [each["identity"] for each in operator.all("/stations", 1)] == [identity]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identity"),
        ({"identity": ""}, "identity"),
        ({"identity": "x" * 49}, "identity"),
        ({"identity": "a/b"}, "identity"),
        ({"identity": "a:b"}, "identity"),
        ({"identity": "a\tb"}, "identity"),
        ({"identity": " a"}, "identity"),
        ({"identity": ".."}, "identity"),
        ({"identity": None}, "identity"),
        ({"identity": 7}, "identity"),
        ({"identity": "a", "password": "too short"}, "password"),
        ({"identity": "a", "password": "fifteen plus a\n!"}, "password"),
        ({"identity": "a", "password": None}, "password"),
        ({"identity": "a", "security_profile": 4}, "security_profile"),
        ({"identity": "a", "security_profile": 10**30}, "security_profile"),
        ({"identity": "a", "registration": "perhaps"}, "registration"),
        ({"identity": "a", "registration": None}, "registration"),
        ({"identity": "a", "allowed_versions": ["1.5"]}, "allowed_versions.0"),
        ({"identity": "a", "heartbeat_interval_s": 0}, "heartbeat_interval_s"),
        ({"identity": "a", "tags": "harbour"}, "tags"),
        ({"identity": "a", "tags": None}, "tags"),
        ({"identity": "a", "site": "x" * 121}, "site"),
        ({"identity": "a", "colour": "red"}, "colour"),
    ],
)
def test_what_a_station_cant_be_is_a_422_that_names_the_field(operator, body, field):
    told = operator.post("/stations", body, expect=422)
    assert field in [error["field"] for error in told["errors"]]
    assert not Station.objects.exists()


def test_a_password_that_cant_be_taken_isnt_repeated(operator):
    answer = operator.ask("POST", "/stations", {"identity": "a", "password": "hunter2"})
    assert "hunter2" not in answer.content.decode()


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_touches_what_it_names_and_nothing_else(operator, alpha):
    before = operator.get("/stations/alpha")
    told = operator.patch("/stations/alpha", {"maintenance": True, "tags": ["x"], "site": "Harbour"})
    assert told == before | {"maintenance": True, "tags": ["x"], "site": "Harbour"}
    assert operator.get("/stations/alpha") == told


def test_null_takes_back_what_may_be_missing(operator, alpha):
    given = {"name": "Quay", "zone": "Europe/Berlin", "notes": "Key:\nkiosk", "site": "Harbour"}
    assert operator.patch("/stations/alpha", given) == operator.get("/stations/alpha")
    assert operator.get("/stations/alpha").items() >= given.items()
    assert operator.patch("/stations/alpha", dict.fromkeys(given))["notes"] is None
    given = {"site": "Harbour", "serial_number": "S", "security_profile": 2, "heartbeat_interval_s": 60}
    operator.patch("/stations/alpha", given)
    told = operator.patch("/stations/alpha", dict.fromkeys(given))
    assert {name: told[name] for name in given} == {
        "site": None,
        "serial_number": None,
        "security_profile": alpha.network.security_profile,
        "heartbeat_interval_s": 300,
    }


def test_an_empty_change_changes_nothing(operator, alpha):
    assert operator.patch("/stations/alpha", {}) == operator.get("/stations/alpha")


def test_the_registration_is_what_the_next_boot_is_answered(operator, alpha):
    assert operator.patch("/stations/alpha", {"registration": "rejected"})["registration"] == "rejected"


def test_a_changed_password_is_the_one_that_counts(operator, alpha):
    operator.patch("/stations/alpha", {"password": "sixteen letters!"})
    alpha.refresh_from_db()
    assert credentials.matching(alpha.pk, alpha.password_hash, b"sixteen letters!")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"identity": "beta"}, "identity"),
        ({"connectivity": "online"}, "connectivity"),
        ({"maintenance": None}, "maintenance"),
        ({"quirks": {"a": {"b": 1}}}, "quirks.a.str"),
        ({"tags": ["a\tb"]}, "tags"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"notes": "a\x1bb"}, "notes"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_what_cant_be_changed_is_a_422_that_names_the_field(operator, alpha, body, field):
    told = operator.patch("/stations/alpha", body if body is not None else b"null", expect=422)
    assert field in [error["field"] for error in told["errors"]]


def test_a_station_reads_the_same_alone_and_in_the_list(viewer, alpha):
    with unit_of_work.begin():
        plug(alpha, 1)
    alone = viewer.get("/stations/alpha")
    (listed,) = viewer.get("/stations")["items"]
    assert listed == alone | {"capabilities": None, "deviations": None, "suggested_quirks": None}


def test_what_would_help_a_station_is_suggested_and_set_by_whoever_wants_it(operator, alpha):
    Station.objects.filter(pk=alpha.pk).update(clock_skew_s=7201)
    (suggestion,) = operator.get("/stations/alpha")["suggested_quirks"]
    assert (suggestion["quirk"], suggestion["value"]) == ("local_time_zone", "+02:00")
    told = operator.patch("/stations/alpha", {"quirks": {suggestion["quirk"]: suggestion["value"]}})
    assert told["quirks"] == {"local_time_zone": "+02:00"}
    assert told["suggested_quirks"] == []


def test_a_quirk_with_an_impossible_value_is_refused(operator, alpha):
    refused = operator.patch("/stations/alpha", {"quirks": {"local_time_zone": "Mars"}}, expect=422)
    assert refused["errors"][0]["field"] == "quirks"


def test_a_models_quirks_are_those_of_its_stations(operator, viewer, alpha):
    Station.objects.filter(pk=alpha.pk).update(vendor="Acme", model="One")
    made = operator.post("/model-quirks", {"vendor": "acme", "model": "one", "quirks": {"boot_wait_s": 5}})
    assert viewer.get("/model-quirks")["items"] == [made]
    assert viewer.get("/stations/alpha")["model_quirks"] == {"boot_wait_s": 5}
    operator.post("/model-quirks", {"vendor": "Acme", "model": "One", "quirks": {}}, expect=409)
    changed = operator.patch(f"/model-quirks/{made['id']}", {"quirks": {"no_trigger": True}})
    assert changed == made | {"quirks": {"no_trigger": True}}
    operator.delete(f"/model-quirks/{made['id']}")
    assert viewer.get("/stations/alpha")["model_quirks"] == {}


def test_a_deleted_station_is_gone_and_its_name_free(admin, operator, alpha):
    Command.objects.create(
        id="1", network=alpha.network, station=alpha, name="reset", requested_by="x", expires_at=NOON
    )
    admin.delete("/stations/alpha")
    admin.get("/stations/alpha", expect=404)
    assert not Command.objects.exists()
    assert AuditEntry.objects.get(action="station.deleted").target == "alpha"
    operator.post("/stations", {"identity": "ALPHA"})


def test_a_station_that_has_charged_is_deleted_only_with_its_history(admin, alpha):
    tell(charging_sessions.start, alpha, start_16())
    problem = admin.delete("/stations/alpha", expect=409)
    assert "history=true" in problem["detail"]
    admin.delete("/stations/alpha", history=True)
    assert not ChargingSession.objects.exists()
    assert {event["station"] for event in admin.get("/events")["items"]} == {"alpha"}
