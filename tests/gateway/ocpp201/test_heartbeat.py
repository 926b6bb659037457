from tests.gateway.hearing import hear


def test_a_heartbeat_is_told_the_time_of_its_receipt(bravo):
    assert hear(bravo, "Heartbeat", {}) == {"currentTime": "2026-05-04T12:00:00.000Z"}
