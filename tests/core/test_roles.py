"""What each role includes."""

import pytest

from emobi.core.models import Role


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", {"viewer"}),
        ("operator", {"viewer", "operator"}),
        ("engineer", {"viewer", "operator", "engineer"}),
        ("admin", {"viewer", "operator", "engineer", "admin", "auditor"}),
        ("auditor", {"viewer", "auditor"}),
    ],
)
def test_what_a_role_includes(role, may):
    assert {other.value for other in Role if Role(role).includes(other)} == may
