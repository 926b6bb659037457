import pytest

from gateway.ocpp201 import data_transfer
from stations.commands.vendor import DataTransfer
from stations.reports import VendorData
from stations.vendors import TransferStatus, VendorAnswer
from tests.gateway.hearing import answered, asked, hear, parsed, told


@pytest.mark.parametrize("data", [None, "text", 7, [1, None], {"a": {"b": 1}}])
def test_what_a_vendor_says_stays_as_it_came(data):
    said = {"vendorId": "acme", "messageId": "m"} | ({} if data is None else {"data": data})
    report = parsed("2.0.1", data_transfer, "DataTransfer", said)
    assert report == VendorData(vendor_id="acme", message_id="m", data=data)


def test_nothing_is_promised_to_an_unknown_vendor(bravo):
    assert hear(bravo, "DataTransfer", {"vendorId": "acme", "data": [1]}) == {"status": "UnknownVendorId"}
    (event,) = told(bravo)
    assert (event.type, event.data["vendor_id"], event.data["data"]) == ("vendor.data_received", "acme", [1])


def test_an_answer_carries_any_data():
    given = VendorAnswer(status=TransferStatus.ACCEPTED, data={"a": 1})
    assert data_transfer.answer(given) == {"status": "Accepted", "data": {"a": 1}}


@pytest.mark.parametrize(
    ("asked_for", "payload"),
    [
        (DataTransfer(vendor_id="acme"), {"vendorId": "acme"}),
        (
            DataTransfer(vendor_id="acme", message_id="m", data="text"),
            {"vendorId": "acme", "messageId": "m", "data": "text"},
        ),
        (
            DataTransfer(vendor_id="acme", data={"a": [1, None]}),
            {"vendorId": "acme", "data": {"a": [1, None]}},
        ),
    ],
)
def test_what_is_said_to_a_station(asked_for, payload):
    assert asked("2.0.1", "data_transfer", asked_for) == ("DataTransfer", payload)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", "accepted"),
        ("Rejected", "rejected"),
        ("UnknownMessageId", "rejected"),
        ("UnknownVendorId", "rejected"),
    ],
)
def test_what_a_station_answers(status, state):
    outcome = answered("2.0.1", "data_transfer", DataTransfer(vendor_id="acme"), {"status": status})
    assert (outcome.state, outcome.status, outcome.detail) == (state, status, {"data": None})


def test_json_in_the_answer_is_read():
    answer = {"status": "Accepted", "data": '{"a":[1]}'}
    outcome = answered("2.0.1", "data_transfer", DataTransfer(vendor_id="acme"), answer)
    assert outcome.detail == {"data": {"a": [1]}}
