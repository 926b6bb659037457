"""What somebody chose for themselves."""

import pytest
from django.contrib.auth.models import User

from emobi.core.errors import Invalid
from emobi.core.models import Preferences
from emobi.core.services import preferences
from tests.racing import race


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_choose_at_once_keep_both():
    ada = User.objects.create_user("ada")
    race(
        lambda: preferences.change(ada, {"theme": "dark"}),
        lambda: preferences.change(ada, {"zone": "Europe/Berlin"}),
    ).result()
    kept = Preferences.objects.get(user=ada)
    assert (kept.theme, kept.zone) == ("dark", "Europe/Berlin")


@pytest.mark.django_db
def test_what_cannot_be_is_not_kept():
    ada = User.objects.create_user("ada")
    for wrong in ({"zone": "Mars/Olympus"}, {"theme": "plaid"}):
        with pytest.raises(Invalid):
            preferences.change(ada, wrong)
    assert not Preferences.objects.exists()
