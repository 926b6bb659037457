import pytest

from emobi.core.errors import Invalid
from sessions import allowed_evses

PLACES = allowed_evses.read(
    [{"station": "Alpha", "evse_ids": [2, 1]}, {"station": "bravo"}, {"station": "ALPHA", "evse_ids": [3]}]
)


@pytest.mark.parametrize(
    ("places", "identity", "evse_ids"),
    [
        ([], "alpha", ()),
        (PLACES, "alpha", (1, 2, 3)),
        (PLACES, "bravo", ()),
        (PLACES, "charlie", None),
        ([*PLACES, {"station": "alpha", "evse_ids": []}], "alpha", ()),
    ],
)
def test_where_a_token_may_charge(places, identity, evse_ids):
    assert allowed_evses.at(places, identity) == evse_ids


@pytest.mark.parametrize(
    "said",
    [
        None,
        {"station": "alpha"},
        ["alpha"],
        [{"evse_ids": [1]}],
        [{"station": ""}],
        [{"station": "alpha", "evse_ids": [0]}],
        [{"station": "alpha", "evse_ids": [True]}],
        [{"station": "alpha", "evse_ids": "1"}],
        [{"station": "alpha", "evses": [1]}],
        [{"station": "alpha"}] * 1001,
    ],
)
def test_what_has_no_such_form_is_refused(said):
    with pytest.raises(Invalid) as refused:
        allowed_evses.read(said)
    assert refused.value.field == "allowed_evses"
