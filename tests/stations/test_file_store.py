import hashlib
import os
import time

import pytest

from stations import file_store

OLD = time.time() - file_store.ABANDONED_AFTER_S - 60


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    settings.EMOBI_UPLOAD_LIMIT_MB = 1
    return tmp_path / "files"


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def kept(name, content=b"x"):
    file_store.keep(file_store.write([content]), file_store.LOGS, name)
    return file_store.path(file_store.LOGS, name)


def test_a_file_is_kept_with_what_tells_it_from_others(folder):
    written = file_store.write([b"ab", b"c"])
    assert (written.size, written.sha256, written.md5) == (
        3,
        hashlib.sha256(b"abc").hexdigest(),
        hashlib.md5(b"abc").hexdigest(),  # what local controllers know a file by
    )
    file_store.keep(written, file_store.FIRMWARE, "one")
    assert files(folder) == ["firmware/one"]
    assert file_store.path(file_store.FIRMWARE, "one").read_bytes() == b"abc"


def test_others_of_this_machine_see_nothing(folder):
    kept("one")
    assert (folder / "logs").stat().st_mode & 0o077 == 0


def test_nothing_is_left_of_what_is_too_large(folder):
    with pytest.raises(file_store.TooLarge):
        file_store.write(b"x" * 1000 for _ in range(1100))
    assert files(folder) == []
    assert file_store.write([b"x" * (1 << 20)]).size == 1 << 20


def test_nothing_is_left_of_what_breaks_off(folder):
    def breaking():
        yield b"x"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        file_store.write(breaking())
    with pytest.raises(file_store.Empty):
        file_store.write([])
    assert files(folder) == []


def test_what_is_not_to_be_kept_goes(folder):
    file_store.discard(file_store.write([b"x"]))
    assert files(folder) == []


def test_what_is_gone_can_be_deleted_again():
    path = kept("one")
    for _ in range(2):
        file_store.delete(file_store.LOGS, "one")
    assert not path.exists()


def test_old_files_that_nobody_knows_are_swept_away(folder):
    for name in ("known", "forgotten"):
        os.utime(kept(name), (OLD, OLD))
    kept("new")
    half = file_store.write([b"half"])
    os.utime(half.path, (OLD, OLD))
    asked = []

    def known(names):
        asked.extend(names)
        return ["known"]

    file_store.sweep(file_store.LOGS, known)
    assert files(folder) == ["logs/known", "logs/new"]
    assert sorted(asked) == ["forgotten", "known"]
