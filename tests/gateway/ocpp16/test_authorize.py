import pytest

from gateway.ocpp16 import authorize
from sessions.models import IdToken
from sessions.reports import Token
from tests.gateway.hearing import hear, parsed, told


@pytest.mark.parametrize(
    ("id_tag", "token"),
    [
        ("GOOD", Token(id_token="GOOD")),
        (" GOOD\r\n", Token(id_token="GOOD")),
        ("", None),
    ],
)
def test_the_token_is_what_was_read_of_it(id_tag, token):
    assert parsed("1.6", authorize, "Authorize", {"idTag": id_tag}) == token


@pytest.mark.parametrize(
    ("id_tag", "info"),
    [
        ("good", {"status": "Accepted", "parentIdTag": "FAMILY"}),
        ("BLOCKED", {"status": "Blocked"}),
        ("EXPIRED", {"status": "Expired", "expiryDate": "2026-01-01T00:00:00.000Z"}),
        ("NOBODY", {"status": "Invalid"}),  # 1.6 has no Unknown
        ("", {"status": "Invalid"}),
    ],
)
def test_the_verdict_is_said_in_words_of_this_version(alpha, id_tag, info):
    assert hear(alpha, "Authorize", {"idTag": id_tag}) == {"idTagInfo": info}


def test_a_group_that_this_version_can_not_say_is_left_out(alpha):
    IdToken.objects.filter(id_token="GOOD").update(group="G" * 21)
    assert hear(alpha, "Authorize", {"idTag": "GOOD"}) == {"idTagInfo": {"status": "Accepted"}}


def test_the_event_keeps_the_word_that_this_version_lacks(alpha):
    hear(alpha, "Authorize", {"idTag": "NOBODY"})
    (event,) = told(alpha)
    assert (event.type, event.data["authorization"]) == ("session.authorized", "Unknown")
