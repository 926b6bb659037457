import pytest

from gateway.ocpp16 import data_transfer
from stations.commands.vendor import DataTransfer
from stations.reports import VendorData
from stations.vendors import TransferStatus, VendorAnswer
from tests.gateway.hearing import answered, asked, hear, parsed, told


@pytest.mark.parametrize(
    ("said", "report"),
    [
        ({"vendorId": "acme"}, VendorData(vendor_id="acme", message_id=None, data=None)),
        (
            {"vendorId": "acme", "messageId": "m", "data": '{"a": 1}'},
            VendorData(vendor_id="acme", message_id="m", data='{"a": 1}'),
        ),
    ],
)
def test_what_a_vendor_says_stays_as_it_came(said, report):
    assert parsed("1.6", data_transfer, "DataTransfer", said) == report


def test_nothing_is_promised_to_an_unknown_vendor(alpha):
    assert hear(alpha, "DataTransfer", {"vendorId": "acme", "data": "x"}) == {"status": "UnknownVendorId"}
    (event,) = told(alpha)
    assert (event.type, event.data["vendor_id"], event.data["data"]) == ("vendor.data_received", "acme", "x")


@pytest.mark.parametrize(("data", "text"), [("plain", "plain"), ({"a": [1, None]}, '{"a":[1,null]}')])
def test_an_answer_carries_text_only(data, text):
    given = VendorAnswer(status=TransferStatus.ACCEPTED, data=data)
    assert data_transfer.answer(given) == {"status": "Accepted", "data": text}


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
            {"vendorId": "acme", "data": '{"a":[1,null]}'},
        ),
    ],
)
def test_what_is_said_to_a_station(asked_for, payload):
    assert asked("1.6", "data_transfer", asked_for) == ("DataTransfer", payload)


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
    outcome = answered("1.6", "data_transfer", DataTransfer(vendor_id="acme"), {"status": status})
    assert (outcome.state, outcome.status, outcome.detail) == (state, status, {"data": None})


def test_json_in_the_answer_is_read():
    answer = {"status": "Accepted", "data": '{"a":[1]}'}
    outcome = answered("1.6", "data_transfer", DataTransfer(vendor_id="acme"), answer)
    assert outcome.detail == {"data": {"a": [1]}}
