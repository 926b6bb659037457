import orjson
import pytest

from stations.reports import VendorData
from stations.services import vendor_data
from tests.stations.telling import tell, told


@pytest.mark.parametrize("data", [None, "text", '{"a": 1}', {"a": [1, 2.5, None]}, 7, True])
def test_whatever_a_vendor_says_is_told_as_it_came_and_never_accepted(bravo, data):
    answer = tell(
        vendor_data.receive, bravo, VendorData(vendor_id="com.wallworks", message_id="Hello", data=data)
    )
    assert answer == ("UnknownVendorId", None)
    ((kind, said),) = told(bravo)
    assert kind == "vendor.data_received"
    assert (said["vendor_id"], said["message_id"], said["data"]) == ("com.wallworks", "Hello", data)
    assert said["answer"] == "UnknownVendorId"


@pytest.mark.parametrize("data", ["ü" * 100_000, {"a": "\U0001f50c" * 100_000}])
def test_what_is_too_long_to_be_told_is_cut(bravo, data):
    tell(vendor_data.receive, bravo, VendorData(vendor_id="v" * 999, message_id=None, data=data))
    ((_, said),) = told(bravo)
    assert len(orjson.dumps(said)) < 20_000
    assert said["data"].endswith("…")
    assert said["message_id"] is None
