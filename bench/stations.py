"""The bench's network and its stations, in the database."""

from emobi.core.models import Network
from emobi.core.services import networks
from sessions.models import IdToken
from stations.models import Station
from stations.services.playbooks import switches
from stations.services.trust import credentials

PASSWORD = "bench-password-1234"


def ensure(count: int) -> Network:
    """Network `bench` with so many stations; each has a password of its own hash, and a token."""
    network = Network.objects.filter(slug="bench").first() or networks.create("bench", security_profile=0)
    # A scenario's stations are cut off when it ends, and no playbook shall be at them during the next.
    switches.switch(network, stopped=True, by="bench")
    # The load client's stations have no device model to tell.
    Network.objects.filter(pk=network.pk).update(reads_device_model=False)
    known = Station.objects.filter(network=network).count()
    new = [f"B{number:05}" for number in range(known, count)]
    Station.objects.bulk_create(
        [Station(network=network, identity=identity, security_profile=0) for identity in new], batch_size=1000
    )
    IdToken.objects.bulk_create(
        [IdToken(network=network, id_token=f"T-{identity}") for identity in new], batch_size=1000
    )
    return network


def ask_for_passwords(network: Network, count: int) -> None:
    """From now on the first ``count`` stations need their password."""
    stations = list(Station.objects.filter(network=network).order_by("identity")[:count])
    for station in stations:
        station.password_hash = credentials.hashed(PASSWORD)
        station.security_profile = 1
    Station.objects.bulk_update(stations, ["password_hash", "security_profile"], batch_size=500)


def forget_passwords(network: Network) -> None:
    """They need none again."""
    Station.objects.filter(network=network).update(password_hash="", security_profile=0)
