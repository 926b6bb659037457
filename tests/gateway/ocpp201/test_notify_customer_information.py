from datetime import UTC, datetime

from gateway.ocpp201 import notify_customer_information
from stations.reports import CustomerReport
from tests.gateway.hearing import hear, parsed, told

PART = {"requestId": 7, "seqNo": 0, "tbc": True, "generatedAt": "2026-05-04T11:00:00Z", "data": "cache: "}


def test_what_a_part_says_is_translated():
    assert parsed("2.0.1", notify_customer_information, "NotifyCustomerInformation", PART) == CustomerReport(
        request_id=7,
        seq_no=0,
        last=False,
        station_time=datetime(2026, 5, 4, 11, tzinfo=UTC),
        text="cache: ",
    )


def test_the_last_part_is_told(bravo):
    assert hear(bravo, "NotifyCustomerInformation", PART) == {}
    assert told(bravo) == []
    assert hear(bravo, "NotifyCustomerInformation", PART | {"seqNo": 1, "tbc": False, "data": "none"}) == {}
    (event,) = told(bravo)
    assert event.type == "customer.information"
    # Nobody asked, so there is nothing that would keep the first part.
    assert (event.data["request_id"], event.data["text"], event.data["held_here"]) == (7, "none", None)
