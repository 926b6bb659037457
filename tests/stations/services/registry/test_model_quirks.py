import pytest

from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import AuditEntry
from stations.models import Station
from stations.reports import BootReport
from stations.services.registry import model_quirks, registration
from tests.stations.telling import tell

BY = "user:ops@example.org"


def of_model(network, identity, firmware="1.0", **fields):
    return Station.objects.create(
        network=network, identity=identity, vendor="Acme", model="One", firmware_version=firmware, **fields
    )


def create(network, flags, firmware=""):
    return model_quirks.create(network, "ACME", "one", firmware, flags, by=BY)


def flags(station):
    station.refresh_from_db()
    return station.flags


def test_all_stations_of_a_model_have_its_quirks_and_no_others(network, stranger):
    one, two = of_model(network, "one"), of_model(network, "two", quirks={"no_trigger": False})
    other = Station.objects.create(network=network, identity="x", vendor="Acme", model="Two")
    Station.objects.filter(pk=stranger.pk).update(vendor="Acme", model="One")
    create(network, {"no_trigger": True, "boot_wait_s": 5})
    assert flags(one) == {"no_trigger": True, "boot_wait_s": 5}
    assert flags(two) == {"no_trigger": False, "boot_wait_s": 5}
    assert flags(other) == flags(stranger) == {}


def test_a_firmwares_quirks_go_over_its_models(network):
    old, new = of_model(network, "old"), of_model(network, "new", firmware="2.0-RC")
    create(network, {"no_trigger": True, "boot_wait_s": 5})
    create(network, {"no_trigger": None, "boot_wait_s": 9}, firmware="2.0-rc")
    assert flags(old) == {"no_trigger": True, "boot_wait_s": 5}
    assert flags(new) == {"boot_wait_s": 9}


def test_a_station_gets_them_when_it_says_what_it_is_and_loses_them_with_another_firmware(alpha):
    create(alpha.network, {"boot_wait_s": 5}, firmware="1.0")
    for firmware, expected in (("1.0", {"boot_wait_s": 5}), ("1.1", {}), ("1.0", {"boot_wait_s": 5})):
        report = BootReport(vendor="Acme", model="One", firmware_version=firmware)
        tell(registration.boot, alpha, report)
        assert flags(alpha) == expected


def test_changing_and_deleting_them_reaches_the_stations(network):
    station = of_model(network, "one", quirks={"call_pause_s": 1})
    row = create(network, {"boot_wait_s": 5})
    model_quirks.change(row, {"boot_wait_s": 6}, by=BY)
    assert flags(station) == {"boot_wait_s": 6, "call_pause_s": 1}
    model_quirks.delete(row, by=BY)
    assert flags(station) == {"call_pause_s": 1}
    audited = AuditEntry.objects.filter(network_id=network.pk, actor=BY).values_list("action", flat=True)
    assert set(audited) == {"model_quirks.created", "model_quirks.changed", "model_quirks.deleted"}


def test_a_models_quirks_are_given_once(network):
    create(network, {"boot_wait_s": 5})
    with pytest.raises(Conflict):
        model_quirks.create(network, "Acme", "One", "", {}, by=BY)


@pytest.mark.parametrize(
    ("vendor", "given"), [("", {}), ("Ac\tme", {}), ("x" * 256, {}), ("Acme", {"boot_wait_s": "long"})]
)
def test_what_cannot_be_is_refused(network, vendor, given):
    with pytest.raises(Invalid):
        model_quirks.create(network, vendor, "One", "", given, by=BY)


def test_another_networks_quirks_do_not_exist(network, stranger):
    row = create(network, {})
    assert model_quirks.get(network, row.pk) == row
    with pytest.raises(NotFound):
        model_quirks.get(stranger.network, row.pk)


def test_it_takes_as_many_queries_for_many_stations_as_for_one(network, django_assert_max_num_queries):
    for number in range(20):
        of_model(network, f"s{number}")
    with django_assert_max_num_queries(9):
        create(network, {"boot_wait_s": 5})
