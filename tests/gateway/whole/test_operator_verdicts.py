"""An operator is asked about a token; nobody else waits for the answer."""

import pytest

from sessions.models import AuthorizationEndpoint
from tests.gateway.listener_process import until
from tests.gateway.operator_endpoint import Operator, serving


@pytest.fixture
def operator():
    with serving(Operator()) as server:
        yield server


@pytest.fixture
def gateway(make_gateway, network, operator):
    """Started when there is an endpoint: those that come later are found within seconds."""
    host = f"127.0.0.1:{operator.server_port}"
    AuthorizationEndpoint.objects.create(network=network, url=f"http://{host}/")
    process = make_gateway(EMOBI_AUTHORIZATION_HOSTS=host, EMOBI_OCPP_TLS_BIND="")
    yield process
    assert "Traceback" not in process.log


def test_others_are_answered_while_an_operator_thinks(gateway, register, operator):
    operator.says(status="Accepted", group="FAMILY")
    operator.may_answer.clear()
    alpha, bravo = register("alpha"), register("bravo")
    with alpha.connect(gateway) as asking, bravo.connect(gateway, "2.0.1") as other:
        waiting = asking.say("Authorize", {"idTag": "STRANGE"})
        until(lambda: operator.asked)
        assert "currentTime" in other.heartbeat()
        operator.may_answer.set()
        assert asking.answer_to(waiting)[2] == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        operator.says(status="NoCredit")
        strange = {"idToken": {"idToken": "STRANGE", "type": "ISO14443"}}
        assert other.call("Authorize", strange) == {"idTokenInfo": {"status": "NoCredit"}}
