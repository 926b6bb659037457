"""JSON that somebody typed or sent: what can't be stored isn't read."""

import pytest

from emobi.core import storable_json


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "unexpected end of data"),
        ("NaN", "expected a JSON value"),
        ("1e999", "infinity"),
        (r'"\ud800"', "surrogate"),
        ('"\ud800"', "surrogates"),
        (r'{"a": "b\u0000"}', "can't hold NUL"),
        (r'{"\\\u0000": 1}', "can't hold NUL"),
        ("[" * 250 + "]" * 250, "nested too deeply"),
        ("[" * 100_000, "depth"),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(text, why):
    with pytest.raises(ValueError, match=why):
        storable_json.read(text)


def test_all_else_is_read():
    assert storable_json.read(r'{"a": ["\\u0000", "\ud83d\ude00", null, 1.5]}') == {
        "a": [r"\u0000", "\U0001f600", None, 1.5]
    }
    assert storable_json.read(b"[[7]]") == [[7]]
    assert storable_json.read(str(2**70)) == float(2**70)
