import threading

import pytest

from stations.services.trust import credentials

PASSWORD = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"


@pytest.fixture
def hashings(monkeypatch):
    """Every password that is held against a hash, in order."""
    held: list[bytes] = []
    matches = credentials._matches

    def counting(password_hash, password):
        held.append(password)
        return matches(password_hash, password)

    monkeypatch.setattr(credentials, "_matches", counting)
    return held


def test_generated_passwords_suit_both_versions_and_differ():
    made = {credentials.generate() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 20 and password.isascii() and ":" not in password for password in made)


@pytest.mark.parametrize(
    "presented",
    [PASSWORD.encode(), PASSWORD.upper().encode(), bytes.fromhex(PASSWORD)],
    ids=["its digits", "its digits in capitals", "the bytes that they stand for"],
)
def test_a_key_of_40_hexadecimal_digits_is_known_by_its_digits_and_by_its_bytes(presented):
    assert credentials.matching(1, credentials.hashed(PASSWORD), presented)


def test_a_key_of_text_is_known_in_the_digits_that_it_was_sent_as():
    stored = credentials.hashed("correct horse batt")
    assert credentials.matching(1, stored, b"correct horse batt")
    assert credentials.matching(1, stored, b"correct horse batt".hex().encode())


def test_bytes_that_look_like_digits_again_are_still_one_password():
    digits = b"0123456789012345".hex()
    stored = credentials.hashed(digits)
    assert credentials.matching(1, stored, digits.encode())
    assert credentials.matching(1, stored, b"0123456789012345")


@pytest.mark.parametrize(
    "presented", [b"", b"wrong", PASSWORD.encode() + b" ", PASSWORD.encode()[:-2], b"\xff\x00"]
)
def test_anything_else_is_refused(presented):
    assert not credentials.matching(1, credentials.hashed(PASSWORD), presented)


def test_equal_passwords_have_different_hashes():
    assert credentials.hashed(PASSWORD) != credentials.hashed(PASSWORD)


def test_a_station_without_a_password_refuses_all_and_takes_as_long(hashings):
    assert not credentials.matching(1, "", b"anything")
    assert not credentials.matching(1, "", b"")
    assert len(hashings) == 2


def test_an_unknown_station_takes_as_long_as_a_wrong_password(hashings):
    credentials.verify_nobody(b"anything")
    assert hashings == [b"anything"]


def test_a_password_that_was_right_is_hashed_once(hashings):
    stored = credentials.hashed("a password of mine")
    assert credentials.matching(7, stored, b"a password of mine")
    assert credentials.matching(7, stored, b"a password of mine")
    assert len(hashings) == 1


def test_a_wrong_password_is_hashed_each_time(hashings):
    stored = credentials.hashed("a password of mine")
    assert not credentials.matching(7, stored, b"another")
    assert not credentials.matching(7, stored, b"another")
    assert len(hashings) == 2


def test_what_was_right_for_one_station_isnt_for_another(hashings):
    stored = credentials.hashed("a password of mine")
    credentials.matching(7, stored, b"a password of mine")
    credentials.matching(8, stored, b"a password of mine")
    assert len(hashings) == 2


def test_a_changed_password_isnt_remembered_as_right():
    old, new = credentials.hashed("the old password"), credentials.hashed("the new password")
    assert credentials.matching(7, old, b"the old password")
    assert not credentials.matching(7, new, b"the old password")


def test_no_more_is_remembered_than_fits(hashings, monkeypatch):
    monkeypatch.setattr(credentials, "_verified", credentials._Verified(2))
    stored = credentials.hashed("a password of mine")
    for station in (1, 2, 1, 3):
        credentials.matching(station, stored, b"a password of mine")
    hashings.clear()
    credentials.matching(1, stored, b"a password of mine")
    assert hashings == []
    credentials.matching(2, stored, b"a password of mine")
    assert len(hashings) == 1


def test_what_is_remembered_isnt_the_password(monkeypatch):
    remembered = credentials._Verified(10)
    remembered.learn(1, "hash", b"a password of mine")
    assert b"password" not in b"".join(remembered._entries)
    assert not credentials._Verified(10)._entries
    assert all(len(entry) == 32 for entry in remembered._entries)


def test_many_threads_may_ask_at_once():
    stored = credentials.hashed("a password of mine")
    found: list[str | None] = []
    askers = [
        threading.Thread(
            target=lambda n=n: found.append(credentials.matching(n, stored, b"a password of mine"))
        )
        for n in range(8)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert found == [stored] * 8


def test_while_a_change_is_under_way_either_password_will_do(alpha):
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    credentials.begin_change(alpha.pk, "the new password")
    alpha.refresh_from_db()
    assert credentials.matching(alpha.pk, alpha.password_hash, b"the old password")
    assert credentials.matching(alpha.pk, alpha.password_hash, b"the new password")


def will_do(station, *names):
    """Which of these passwords the station may come in with."""
    station.refresh_from_db()
    return [
        name
        for name in names
        if credentials.matching(station.pk, station.password_hash, f"the {name} password".encode())
    ]


@pytest.mark.parametrize("first", ["old", None])
def test_a_second_try_forgets_nothing_that_the_station_may_have_taken(alpha, first):
    had = [first] if first else []
    alpha.password_hash = credentials.hashed(f"the {first} password") if first else ""
    alpha.save()
    for name in ("new", "next"):
        credentials.begin_change(alpha.pk, f"the {name} password")
    assert will_do(alpha, "old", "new", "next") == [*had, "new", "next"]
    # A refusal is of the last.
    credentials.end_change(alpha.pk, None)
    assert will_do(alpha, "old", "new", "next") == [*had, "new"]
    assert alpha.password_changing_since is not None
    credentials.end_change(alpha.pk, None)
    assert will_do(alpha, "old", "new", "next") == had
    assert alpha.password_changing_since is None


def test_no_more_tries_are_kept_than_the_last_ones(alpha):
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    names = [f"{count}." for count in range(6)]
    for name in names:
        credentials.begin_change(alpha.pk, f"the {name} password")
    assert will_do(alpha, "old", *names) == ["old", *names[-credentials.MOST_SENT :]]


def test_what_is_sent_while_a_reboot_is_waited_for_is_no_reason_to_give_up_the_wait(alpha):
    credentials.begin_change(alpha.pk, "the new password")
    credentials.await_reboot(alpha.pk)
    credentials.begin_change(alpha.pk, "the next password")
    alpha.refresh_from_db()
    assert alpha.password_changing_since is None


@pytest.mark.parametrize(
    ("taken", "right", "wrong"), [("the new password", "new", "old"), (None, "old", "new")]
)
def test_the_answer_decides_which_password_it_is(alpha, taken, right, wrong):
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    credentials.begin_change(alpha.pk, "the new password")
    credentials.end_change(alpha.pk, taken)
    alpha.refresh_from_db()
    assert credentials.matching(alpha.pk, alpha.password_hash, f"the {right} password".encode())
    assert not credentials.matching(alpha.pk, alpha.password_hash, f"the {wrong} password".encode())


def test_a_station_without_a_password_needs_none_until_it_took_one(alpha):
    credentials.begin_change(alpha.pk, "the new password")
    alpha.refresh_from_db()
    assert not alpha.has_password
    assert credentials.matching(alpha.pk, alpha.password_hash, b"the new password")
    credentials.end_change(alpha.pk, "the new password")
    alpha.refresh_from_db()
    assert credentials.matching(alpha.pk, alpha.password_hash, b"the new password")
