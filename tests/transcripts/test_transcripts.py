"""Conversations with stations, as the specification has them, over a socket with a real gateway."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from emobi.core.models import Network
from gateway.versions import BY_VERSION
from sessions.models import IdToken, TokenStatus
from stations.models import Station
from tests.transcripts.player import Player, read

FOLDERS = {"ocpp16": "1.6", "ocpp201": "2.0.1"}
HERE = Path(__file__).parent
TRANSCRIPTS = sorted(HERE.glob("*/*.jsonl"))


def named(path):
    return f"{path.parent.name}-{path.stem}"


def play(path, gateway):
    version = FOLDERS[path.parent.name]
    network = Network.objects.create(slug=named(path).replace("_", "-"), name=path.stem, security_profile=0)
    IdToken.objects.create(network=network, id_token="GOOD")
    IdToken.objects.create(network=network, id_token="BLOCKED", status=TokenStatus.BLOCKED)
    IdToken.objects.create(network=network, id_token="EXPIRED", expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    identity = {"1.6": "alpha", "2.0.1": "bravo"}[version]
    station = Station.objects.create(network=network, identity=identity, ocpp_version=version)
    return Player(station, gateway.port).play(read(path))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=named)
def test_the_conversation_goes_as_written(path, gateway):
    play(path, gateway)
