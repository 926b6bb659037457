"""The API holds what its description promises: Schemathesis asks every operation over a real socket.

It makes up requests that fit the description and some that don't, and looks at status, content type, headers
and body of each answer. The same requests are made every time.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig

from emobi.core.services import api_keys
from tests.api import furnishing
from tests.api.calling import BASE, ENDLESS
from tests.dashboard.browsing import serving

pytestmark = pytest.mark.django_db(transaction=True)

# Some seconds altogether, as there are several dozen operations.
EXAMPLES = 4

# What a schema can't say (that a cursor is one of ours, or a zone one of this world) is told by a 422.
BEYOND_SCHEMAS = [positive_data_acceptance]


@pytest.fixture(scope="module")
def home(django_db_setup):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EMOBI_API_REQUESTS_PER_MINUTE", "0")
        with serving() as address:
            yield address


def ask(operation, mode, headers):
    """Ask an operation with made-up requests.

    Raises:
        BaseExceptionGroup: What is wrong with its answers.
    """

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case):
        # Nobody waits for a station here.
        case.query.pop("wait", None)
        case.call_and_validate(headers=headers, excluded_checks=BEYOND_SCHEMAS)

    try:
        send()
    except Unsatisfiable:
        # An operation without parameters can't be asked in a wrong way.
        assert mode is GenerationMode.NEGATIVE
        assert not operation.body
        assert not [*operation.iter_parameters()]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_does_what_the_description_says(home, network, mode):
    furnishing.everything(network)
    headers = {"Authorization": f"Bearer {api_keys.create(network, 'admin')[1]}"}
    described = schemathesis.openapi.from_url(f"{home}{BASE}/openapi.json", config=SchemathesisConfig())
    failures = {}
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.full_path == ENDLESS:
            continue
        try:
            ask(operation, mode, headers)
        except BaseExceptionGroup as failure:
            failures[operation.label] = failure
    assert not failures, "\n\n".join(f"{label}\n{failure}" for label, failure in failures.items())
