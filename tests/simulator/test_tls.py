"""Security profiles 2 and 3 over real TLS."""

import ssl

import pytest

from emobi.simulator.access import Access
from emobi.simulator.link import ConnectFailed
from tests.simulator.pki import issue, make_ca

pytestmark = pytest.mark.asyncio


@pytest.fixture
def files(tmp_path):
    """Write PEMs and return their paths."""

    def write(**pems):
        for name, pem in pems.items():
            (tmp_path / name).write_text(pem)
        return {name: str(tmp_path / name) for name in pems}

    return write


@pytest.fixture
def secure(central, files):
    """Let the central system speak TLS; returns (CA, path of its certificate)."""

    async def start(*, clients=False):
        ca = make_ca("Root")
        server = issue(ca, "127.0.0.1", address="127.0.0.1")
        paths = files(ca=ca.pem, certificate=server.pem, key=server.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(paths["certificate"], paths["key"])
        if clients:
            context.load_verify_locations(paths["ca"])
            context.verify_mode = ssl.CERT_REQUIRED
        await central.stop()
        await central.start(ssl=context)
        return ca, paths["ca"]

    return start


def url(central):
    return central.url.replace("ws://", "wss://")


async def test_profile_2_is_a_password_over_tls(central, secure, make_station):
    _, ca_file = await secure()
    station = make_station(
        "2.0.1", access=Access(url=url(central), password="0123456789abcdef", ca_file=ca_file)
    )
    await station.connect()
    await station.boot()
    assert station.online
    assert "Authorization" in central.handshakes[0][1]


async def test_a_server_of_an_unknown_ca_isnt_talked_to(central, secure, make_station, files):
    await secure()
    other = files(other=make_ca("Other").pem)["other"]
    station = make_station(access=Access(url=url(central), ca_file=other))
    with pytest.raises(ConnectFailed, match="CERTIFICATE_VERIFY_FAILED"):
        await station.connect()
    assert central.handshakes == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_profile_3_is_a_client_certificate_without_a_password(
    central, secure, make_station, files, version
):
    ca, ca_file = await secure(clients=True)
    client = issue(ca, "VS-0001")
    paths = files(client=client.pem, client_key=client.key_pem)
    access = Access(
        url=url(central),
        ca_file=ca_file,
        certificate_file=paths["client"],
        key_file=paths["client_key"],
    )
    station = make_station(version, access=access)
    await station.connect()
    await station.boot()
    subject = dict(pair for (pair,) in central.peer_certificates["CP001"]["subject"])
    assert subject["commonName"] == central_serial(central, version)
    assert "Authorization" not in central.handshakes[0][1]


async def test_a_station_can_be_silent_and_drop_over_tls_too(central, secure, make_station):
    _, ca_file = await secure()
    station = make_station(access=Access(url=url(central), ca_file=ca_file))
    await station.connect()
    await station.boot()
    station.go_silent()
    pong = await central.sockets["CP001"].ping()
    await station.pause(0.2)
    assert not pong.done()
    socket = central.sockets["CP001"]
    await station.drop()
    await socket.wait_closed()
    assert station.link is None


def central_serial(central, version):
    boot = central.said("BootNotification")[0]
    return boot["chargePointSerialNumber"] if version == "1.6" else boot["chargingStation"]["serialNumber"]
