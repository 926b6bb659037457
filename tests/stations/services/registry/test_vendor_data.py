"""DataTransfer from stations; `wallworks` is a vendor whose package is installed."""

import sys

import orjson
import pytest
from django.core.exceptions import ImproperlyConfigured

from stations import vendors
from stations.reports import VendorData
from stations.services.registry import vendor_data
from tests.stations.telling import tell, told

WALLWORKS = """
from stations.vendors import TransferStatus, Vendor, VendorAnswer

def echo(station, sent):
    return VendorAnswer(status=TransferStatus.ACCEPTED, data={"from": station.identity, "heard": sent.data})

def refuse(station, sent):
    return VendorAnswer(status=TransferStatus.REJECTED)

VENDOR = Vendor(vendor_id="com.wallworks", messages={"Echo": echo, None: refuse})
NONE = "no vendor"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs packages that name something as a vendor."""

    def install(**points):
        (tmp_path / "wallworks_emobi.py").write_text(WALLWORKS)
        for name, value in points.items():
            info = tmp_path / f"{name}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            (info / "entry_points.txt").write_text(f"[{vendors.GROUP}]\n{name} = {value}\n")
        monkeypatch.syspath_prepend(tmp_path)
        vendors.known.cache_clear()

    yield install
    sys.modules.pop("wallworks_emobi", None)
    vendors.known.cache_clear()


def said(data=None, message_id="Echo", vendor_id="com.wallworks"):
    return VendorData(vendor_id=vendor_id, message_id=message_id, data=data)


@pytest.mark.parametrize("data", [None, "text", {"a": [1, 2.5, None]}, 7, True, '"quoted"', "[broken"])
def test_whatever_an_unknown_vendor_says_is_told_and_never_accepted(bravo, data):
    answer = tell(vendor_data.receive, bravo, said(data))
    assert (answer.status, answer.data) == ("UnknownVendorId", None)
    ((kind, event),) = told(bravo)
    assert kind == "vendor.data_received"
    assert (event["vendor_id"], event["message_id"], event["data"]) == ("com.wallworks", "Echo", data)
    assert event["answer"] == "UnknownVendorId"


@pytest.mark.parametrize("text", ['{"rpm": [900]}', ' {"rpm":[900]}', '"{\\"rpm\\":[900]}"'])
def test_json_in_a_text_is_read_even_where_it_was_wrapped_twice(alpha, text):
    tell(vendor_data.receive, alpha, said(text))
    ((_, event),) = told(alpha)
    assert event["data"] == {"rpm": [900]}


def test_secrets_of_a_vendor_are_not_told(alpha):
    tell(vendor_data.receive, alpha, said('{"wifiPassword": "hunter2"}'))
    ((_, event),) = told(alpha)
    assert event["data"] == {"wifiPassword": "***"}


@pytest.mark.parametrize("data", ["ü" * 100_000, {"a": "\U0001f50c" * 100_000}])
def test_what_is_too_long_to_be_told_is_cut(bravo, data):
    tell(vendor_data.receive, bravo, said(data, message_id=None, vendor_id="v" * 999))
    ((_, event),) = told(bravo)
    assert len(orjson.dumps(event)) < 20_000
    assert event["data"].endswith("…")
    assert event["message_id"] is None


def test_an_installed_vendor_answers_what_it_is_told(alpha, installed):
    installed(wallworks="wallworks_emobi:VENDOR")
    answer = tell(vendor_data.receive, alpha, said('{"rpm":900}', vendor_id="Com.WallWorks"))
    assert answer.status == "Accepted"
    assert answer.data == {"from": "alpha", "heard": {"rpm": 900}}
    ((_, event),) = told(alpha)
    assert event["answer"] == "Accepted"


@pytest.mark.parametrize(("message_id", "status"), [(None, "Rejected"), ("Other", "UnknownMessageId")])
def test_a_message_that_the_vendor_does_not_know_is_answered_as_that(alpha, installed, message_id, status):
    installed(wallworks="wallworks_emobi:VENDOR")
    assert tell(vendor_data.receive, alpha, said(message_id=message_id)).status == status


@pytest.mark.parametrize(
    "points",
    [
        {"wallworks": "wallworks_emobi:NONE"},
        {"wallworks": "wallworks_emobi:VENDOR", "another": "wallworks_emobi:VENDOR"},
    ],
)
def test_what_is_no_vendor_or_two_of_one_is_an_error(installed, points):
    installed(**points)
    with pytest.raises(ImproperlyConfigured):
        vendors.known()
