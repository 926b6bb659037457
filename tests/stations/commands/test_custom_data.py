"""What a vendor and an operator have agreed on, in the objects of a message."""

import pytest

from emobi.core.errors import Invalid
from stations.commands import catalogue, custom_data

SAID = {"vendorId": "acme", "depot": 7}


def test_it_is_put_into_the_objects_that_are_named():
    payload = {"evse": {"id": 1}, "items": [{"a": 1}, {"b": 2}]}
    whole, found = custom_data.put(payload, {"": SAID, "evse": SAID, "items[1]": SAID})
    assert found == {"", "evse", "items[1]"}
    assert whole == {
        "customData": SAID,
        "evse": {"id": 1, "customData": SAID},
        "items": [{"a": 1}, {"b": 2, "customData": SAID}],
    }
    assert payload == {"evse": {"id": 1}, "items": [{"a": 1}, {"b": 2}]}


@pytest.mark.parametrize("place", ["items[2]", "items", "evse.id", "evse[0]", "nowhere", "customData"])
def test_what_is_no_object_there_isn_t_found(place):
    payload = {"evse": {"id": 1}, "items": [{"a": 1}]}
    assert custom_data.put(payload, {place: SAID, "": SAID}) == ({**payload, "customData": SAID}, {""})


def test_the_command_itself_doesn_t_see_it():
    params = {"type": "OnIdle", "custom_data": {"": SAID}}
    assert catalogue.parse("reset", params) == catalogue.parse("reset", {"type": "OnIdle"})


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "acme",
        {"": None},
        {"": {}},
        {"": {"vendorId": 7}},
        {"": {"vendorId": ""}},
        {"": {"vendorId": "a" * 256}},
        {"a b": SAID},
        {".evse": SAID},
        {"evse.": SAID},
        {"evse[-1]": SAID},
        {"evse[]": SAID},
        {"a." * 10 + "a": SAID},
        {f"a{number}": SAID for number in range(51)},
        {"": {"vendorId": "acme", "deep": [[[[[[[[1]]]]]]]]}},
        {"": {"vendorId": "acme", "much": "x" * 20_000}},
        {"": {"vendorId": "acme", "large": 2**64}},
        {"": {"vendorId": "acme", "half": "\ud800"}},
    ],
)
def test_what_isn_t_by_its_schema_is_refused(said):
    with pytest.raises(Invalid) as refused:
        catalogue.parse("reset", {"type": "OnIdle", "custom_data": said})
    assert refused.value.field.startswith("params.custom_data")


def test_what_nests_as_deep_as_may_be_is_taken():
    catalogue.parse("reset", {"custom_data": {"": {"vendorId": "acme", "deep": [[[[[[[1]]]]]]]}}})


def test_the_schema_of_params_has_it_too():
    schema = custom_data.described(catalogue.entry("reset").params_schema)
    assert schema["properties"]["custom_data"] == custom_data.SCHEMA
    assert "type" in schema["properties"]
