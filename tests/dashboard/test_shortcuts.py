"""What ``?`` shows is what the keyboard does."""

import re

from django.conf import settings

from dashboard.shortcuts import SHORTCUTS

# Of lists, buttons and dialogs, by the browser itself; and the letter that leads to the rooms.
NOT_BOUND = {"Ctrl K", "Enter", "Esc"}


def bound():
    """Keys that scripts and templates bind, as people call them."""
    scripts = [path.read_text() for path in (settings.ROOT / "static/dashboard/js").glob("*.js")]
    pages = [path.read_text() for path in (settings.ROOT / "templates/dashboard").rglob("*.html")]
    found = {key for text in scripts for key in re.findall(r'onKey\("(.)"', text)}
    [table] = re.findall(r"const KEYS = \{(.*?)\n\};", "\n".join(scripts), re.DOTALL)
    found |= {name or letter for name, letter in re.findall(r'^  (?:"(.)"|(\w)):', table, re.MULTILINE)}
    found |= {key for text in pages for key in re.findall(r'data-key-press="(.)"', text)}
    return {f"Shift {key.lower()}" if key.isupper() else key for key in found}


def test_every_key_that_does_something_is_shown():
    shown = {key for keys, _ in SHORTCUTS for key in keys}
    assert shown - NOT_BOUND == bound() - {"g"}
