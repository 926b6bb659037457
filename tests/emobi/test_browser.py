"""Chromium is found where each test puts it; the registries of the outside world are out of reach."""

import os
from pathlib import Path

import pytest

from emobi import browser

WORKS = "#!/bin/sh\necho Chromium 1.0\n"
BREAKS = "#!/bin/sh\nexit 127\n"


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def on_path(tmp_path, monkeypatch):
    """The only folder of the PATH; nothing is anywhere, and nothing can be downloaded."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    browser.chromium.cache_clear()
    yield folder
    browser.chromium.cache_clear()


def downloaded_by_playwright(content):
    return put(Path(browser._output(browser.sys.executable, "-c", browser._ASK_PLAYWRIGHT).strip()), content)


def test_what_chromium_names_comes_first(tmp_path, on_path, monkeypatch):
    put(on_path / "chromium", WORKS)
    named = put(tmp_path / "mine", WORKS)
    monkeypatch.setenv("CHROMIUM", str(named))
    assert browser.chromium() == named


@pytest.mark.parametrize("content", [None, BREAKS])
def test_what_chromium_names_has_to_run(content, tmp_path, on_path, monkeypatch):
    put(on_path / "chromium", WORKS)
    if content:
        put(tmp_path / "mine", content)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "mine"))
    with pytest.raises(browser.BrowserMissing, match="CHROMIUM="):
        browser.chromium()


def test_the_path_is_searched_for_one_that_runs(on_path):
    put(on_path / "chromium", BREAKS)
    put(on_path / "google-chrome", WORKS)
    assert browser.chromium() == on_path / "google-chrome"


def test_playwrights_own_is_next(on_path):
    own = downloaded_by_playwright(WORKS)
    assert browser.chromium() == own
    browser.chromium.cache_clear()
    put(on_path / "chromium", WORKS)
    assert browser.chromium() == on_path / "chromium"


def test_root_installs_debians_where_playwrights_doesnt_run(on_path, monkeypatch):
    downloaded_by_playwright(BREAKS)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    put(on_path / "template", WORKS)
    put(
        on_path / "apt-get",
        f'#!/bin/sh\n[ "$1 $5" = "install chromium" ] && /bin/cp {on_path}/template {on_path}/chromium\n',
    )
    assert browser.chromium() == on_path / "chromium"


def test_others_than_root_cant_install_debians(on_path, monkeypatch):
    downloaded_by_playwright(BREAKS)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    ran = on_path / "ran"
    put(on_path / "apt-get", f"#!/bin/sh\n/bin/touch {ran}\n")
    with pytest.raises(browser.BrowserMissing):
        browser.chromium()
    assert not ran.exists()


def test_none_at_all_is_a_failure_in_one_line():
    with pytest.raises(browser.BrowserMissing, match="set CHROMIUM") as failure:
        browser.chromium()
    assert str(failure.value).isprintable()


def test_only_root_goes_without_the_sandbox(on_path, monkeypatch):
    put(on_path / "chromium", WORKS)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.launch_options()["args"] == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.launch_options() == {
        "executable_path": str(on_path / "chromium"),
        "args": ["--no-sandbox"],
    }
