from datetime import UTC, datetime

from gateway.ocpp201 import notify_display_messages
from stations.models import DisplayMessage
from stations.reports import DisplayMessageReport, DisplayMessagesReport
from tests.gateway.hearing import hear, kinds, parsed

PLAIN = {"id": 1, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Welcome"}}
FULL = {
    "id": 2,
    "priority": "AlwaysFront",
    "state": "Faulted",
    "startDateTime": "2026-05-04T11:00:00Z",
    "endDateTime": "2026-05-04T12:00:00Z",
    "transactionId": "tx-1",
    "message": {"format": "HTML", "language": "en", "content": "<b>x</b>"},
    "display": {"name": "Display", "instance": "top", "evse": {"id": 1, "connectorId": 2}},
}


def test_what_a_part_says_is_translated():
    payload = {"requestId": 7, "tbc": True, "messageInfo": [PLAIN, FULL]}
    assert parsed(
        "2.0.1", notify_display_messages, "NotifyDisplayMessages", payload
    ) == DisplayMessagesReport(
        request_id=7,
        last=False,
        messages=(
            DisplayMessageReport(message_id=1, priority="NormalCycle", format="UTF8", content="Welcome"),
            DisplayMessageReport(
                message_id=2,
                priority="AlwaysFront",
                format="HTML",
                content="<b>x</b>",
                language="en",
                state="Faulted",
                start_at=datetime(2026, 5, 4, 11, tzinfo=UTC),
                end_at=datetime(2026, 5, 4, 12, tzinfo=UTC),
                transaction_id="tx-1",
                display={
                    "component": "Display",
                    "component_instance": "top",
                    "evse_id": 1,
                    "connector_id": 2,
                },
            ),
        ),
    )


def test_messages_are_kept_and_told(bravo):
    assert hear(bravo, "NotifyDisplayMessages", {"requestId": 7, "messageInfo": [PLAIN, FULL]}) == {}
    assert hear(bravo, "NotifyDisplayMessages", {"requestId": 8}) == {}
    assert kinds(bravo) == ["display_message.reported"] * 2
    assert DisplayMessage.objects.count() == 2
