import pytest

from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry, Network
from emobi.core.services import networks


def test_a_new_network_asks_for_passwords_and_lists_no_strangers(db):
    network = networks.create("north", "North Grid")
    assert (network.name, network.security_profile, network.auto_register) == ("North Grid", 1, False)
    assert AuditEntry.objects.get().action == "network.created"


def test_the_name_is_the_slug_where_none_is_given(db):
    assert networks.create("north").name == "north"


def test_a_second_network_of_a_slug_is_a_conflict_and_changes_nothing(db):
    networks.create("north", "North Grid")
    with pytest.raises(Conflict):
        networks.create("north", "Other")
    assert Network.objects.get().name == "North Grid"


@pytest.mark.parametrize("slug", ["", "North", "a b", "-a", "a/b", "a" * 49, "ü"])
def test_a_slug_that_cant_stand_in_a_url_is_refused(db, slug):
    with pytest.raises(Invalid) as refused:
        networks.create(slug)
    assert refused.value.field == "slug"


@pytest.mark.parametrize("profile", [-1, 4])
def test_a_security_profile_that_ocpp_doesnt_have_is_refused(db, profile):
    with pytest.raises(Invalid) as refused:
        networks.create("north", security_profile=profile)
    assert refused.value.field == "security_profile"
