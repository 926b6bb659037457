from sessions import limits


def test_a_short_key_stays_as_it_is():
    assert limits.key("4711") == "4711"
    assert limits.key("x" * 64) == "x" * 64


def test_long_keys_that_begin_alike_stay_different():
    one, other = limits.key("x" * 100 + "1"), limits.key("x" * 100 + "2")
    assert one != other
    assert len(one) == len(other) == 64


def test_places_count_from_one():
    assert [limits.place(number) for number in (None, -1, 0, 1, 9999, 10000)] == [
        None,
        None,
        None,
        1,
        9999,
        None,
    ]
