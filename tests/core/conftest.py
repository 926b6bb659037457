import pytest

from emobi.core.models import Network


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture
def elsewhere(db) -> Network:
    return Network.objects.create(slug="elsewhere", name="Elsewhere")
