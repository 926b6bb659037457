import pytest

from gateway.ocpp201 import data_transfer
from stations.reports import VendorData
from tests.gateway.hearing import hear, parsed, told


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
    assert data_transfer.answer("Accepted", {"a": 1}) == {"status": "Accepted", "data": {"a": 1}}
