import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from emobi.env import NOWHERE, Address
from emobi.programs import is_ready, programs

ROOT = Path(__file__).parents[2]
WEB = Address("127.0.0.1", 8000)


def planned(**values):
    defaults = {"web": WEB, "gateways": 1, "demo_stations": 12, "for_people": False}
    return programs(root=ROOT, data_dir=Path("/data"), **(defaults | values))


def names(**values):
    return [program.name for program in planned(**values)]


def test_every_process_has_a_name_of_its_own_and_knows_it():
    plan = planned(gateways=3)
    assert [program.name for program in plan] == [
        "web",
        "gateway-1",
        "gateway-2",
        "gateway-3",
        "worker",
        "beat",
        "demo",
    ]
    assert [program.env["EMOBI_PROCESS"] for program in plan] == [program.name for program in plan]


def test_what_isnt_served_isnt_run():
    assert names(web=NOWHERE, gateways=0, demo_stations=0) == ["worker", "beat"]


def test_a_stop_goes_from_those_who_ask_to_those_who_answer():
    plan = sorted(planned(gateways=2), key=lambda program: -program.stage)
    assert [program.name for program in plan] == ["demo", "gateway-1", "gateway-2", "web", "worker", "beat"]


def test_every_program_runs_in_our_own_python_with_an_absolute_path():
    assert {program.argv[0] for program in planned()} == {sys.executable}
    assert planned(gateways=0, demo_stations=0)[0].argv == [sys.executable, str(ROOT / "manage.py"), "web"]


def test_log_lines_are_for_whoever_reads_them(monkeypatch):
    monkeypatch.delenv("EMOBI_LOG_FORMAT", raising=False)
    assert {program.env["EMOBI_LOG_FORMAT"] for program in planned(for_people=True)} == {"console"}
    assert {program.env["EMOBI_LOG_FORMAT"] for program in planned(for_people=False)} == {"json"}
    monkeypatch.setenv("EMOBI_LOG_FORMAT", "json")
    assert {program.env["EMOBI_LOG_FORMAT"] for program in planned(for_people=True)} == {"json"}


@pytest.fixture
def web():
    """An API whose health is ``web.status``."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(self.server.status if self.path == "/api/v1/health" else 404)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        server.status = 200
        server.address = Address("127.0.0.1", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def chargers():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Address("127.0.0.1", listening.getsockname()[1])


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return Address("127.0.0.1", listening.getsockname()[1])


def test_it_is_ready_when_the_api_is_well_and_chargers_can_connect(web, chargers):
    assert is_ready(web=web.address, chargers=[chargers])
    assert is_ready(web=NOWHERE, chargers=[])


def test_an_address_of_every_interface_is_asked_on_the_loopback(chargers):
    assert is_ready(web=NOWHERE, chargers=[Address("0.0.0.0", chargers.port)])


def test_it_isnt_ready_while_the_api_is_unwell_or_away(web, chargers):
    web.status = 503
    assert not is_ready(web=web.address, chargers=[chargers])
    assert not is_ready(web=closed_port(), chargers=[chargers])


def test_it_isnt_ready_while_a_charger_port_is_closed(web, chargers):
    assert not is_ready(web=web.address, chargers=[chargers, closed_port()])
