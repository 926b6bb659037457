import pytest

from gateway.ocpp16 import data_transfer
from stations.reports import VendorData
from tests.gateway.hearing import hear, parsed, told


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
    assert data_transfer.answer("Accepted", data) == {"status": "Accepted", "data": text}
