"""Id tokens in frames are shown by their end, whatever a station makes of the frame."""

import json

import pytest

from dashboard.messages import frame_words, token_hiding
from emobi.core import clock, unit_of_work
from stations import frame_ids, masking
from stations.models import Frame, Kind
from stations.services.log.frames import FrameLog
from tests.dashboard.state import exchange

TOKEN = "04A1B2C3D4"
FRAMES = [
    '[2,"1","TransactionEvent",{"idToken":{"idToken":"04A1B2C3D4","type":"ISO14443"}}]',
    '[2,"1","Authorize",{"idToken":{"additionalInfo":[{"additionalIdToken":"04A1B2C3D4","type":"x"}]}}]',
    '[2,"1","Authorize",{"IdTag":"04A1B2C3D4"}]',
    '[2,"1","Authorize",{" id_tag ":"04A1B2C3D4"}]',
    '[2,"1","Authorize",{"id\\u0054ag":"04A1B2C3D4"}]',
    '[3,"1",{"idTagInfo":{"parentIdTag":["04A1B2C3D4"]}}]',
    '[2,"1","DataTransfer",{"data":"{\\"idTag\\":\\"04A1B2C3D4\\"}"}]',
    '[2,"1","DataTransfer",{"data":"{\\"idTag\\":\\"04A1B2C3D4\\""}]',
    '[2,"1","SendLocalList",{"list":[{"idTag":"04A1B2C3D4"},{"idTa',
    '[2,"1","Authorize",{"idTag" : "04A1B2C3D4',
    '[2,"1","Authorize",{"idTag":04A1B2C3D4}]',
]


@pytest.mark.parametrize("text", FRAMES)
def test_tokens_are_hidden_wherever_they_are(text):
    hidden = token_hiding.hidden(text)
    assert TOKEN not in hidden
    assert "…C3D4" in hidden
    assert token_hiding.hides(text)


@pytest.mark.parametrize("text", FRAMES)
def test_nor_does_the_line_that_tells_of_a_frame_show_them(text):
    assert TOKEN not in frame_words.summary(Frame(text=text, note=""))


def test_a_number_is_a_token_too():
    text = '[2,"1","Authorize",{"idTag":12345678}]'
    assert token_hiding.hidden(text) == '[2,"1","Authorize",{"idTag":"…5678"}]'
    assert frame_words.summary(Frame(text=text, note="")) == "token …5678"


@pytest.mark.parametrize(
    "text",
    [
        '[2,"idTag"',
        '[3, "1", {"idTagInfo": {"status": "Accepted"}}]',
        '[2,"1","X",{"idTag":"","idToken":null,"data":"idTag"}]',
        '[2,"1","X",{"idTag":null,',
        f'[2,"1","Authorize",{{"idToken":{{"idToken":"{masking.MASK}","type":"KeyCode"}}}}]',
    ],
)
def test_where_there_is_none_nothing_changes(text):
    assert token_hiding.hidden(text) == text


def test_what_nests_too_deep_to_be_read_is_not_shown():
    deep = '{"idTag":' * 600 + '"04A1B2C3D4"' + "}" * 600
    assert token_hiding.hidden(deep) == masking.MASK
    assert token_hiding.hidden(json.dumps([2, "1", "DataTransfer", {"data": deep}])).count(masking.MASK) == 1


def test_a_viewer_sees_the_end_and_an_operator_may_see_all(alpha, viewer, operator):
    pk = exchange(alpha, "Authorize", {"IdTag": TOKEN}, {})
    for client in (viewer, operator):
        assert TOKEN not in client.get(f"/messages/{pk}/").content.decode()
    assert TOKEN in operator.post(f"/messages/{pk}/reveal/", {"reason": "complaint"}).content.decode()


def test_a_damaged_frame_shows_none_on_any_page(alpha, viewer):
    now = clock.wall()
    with unit_of_work.begin() as work:
        work.buffer(FrameLog).add(
            id=frame_ids.new(now), at=now, network_id=alpha.network_id, station_id=alpha.pk, direction=0,
            kind=Kind.DAMAGED, text=FRAMES[-2], note="",
        )  # fmt: skip
    pk = alpha.frames.get().pk
    for path in ("/messages/", "/messages/live/", f"/messages/{pk}/", "/stations/alpha/messages/"):
        assert TOKEN not in viewer.get(path).content.decode()
