"""What we support of each version of OCPP, as a page: the adapters' tables, written out.

`docs/ocpp/support.md` is this page; a test holds it to it.
"""

import inspect
import typing
from collections.abc import Iterator

from gateway import schemas
from gateway.adapter import Adapter, Sender
from gateway.versions import BY_VERSION

VERSIONS = tuple(sorted(BY_VERSION))

HEAD = """\
# Supported messages

Every message of each version of OCPP, and what Emobi does with it. *not yet*: the version has the message,
and Emobi doesn't send it so far; –: the version has no such message.

"""


def page() -> str:
    """The whole page, in Markdown."""
    head = ["Message", "Direction", *VERSIONS, "What Emobi does"]
    lines = [head, ["---"] * len(head), *_received(), *_sent()]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _received() -> Iterator[list[str]]:
    for action in _actions("station"):
        handlers = [BY_VERSION[version].handlers.get(action) for version in VERSIONS]
        said = [inspect.getdoc(handler) or "" for handler in handlers if handler is not None]
        does = " ".join(dict.fromkeys(text.partition("\n")[0] for text in said))
        cells = [
            _cell(version, "station", action, handled=bool(handler))
            for version, handler in zip(VERSIONS, handlers, strict=True)
        ]
        yield [action, "station → Emobi", *cells, does]


def _sent() -> Iterator[list[str]]:
    for action in _actions("csms"):
        commands = {version: _command(BY_VERSION[version], action) for version in VERSIONS}
        cells = [_cell(version, "csms", action, handled=bool(commands[version])) for version in VERSIONS]
        names = dict.fromkeys(f"`{command}`" for command in commands.values() if command)
        yield [action, "Emobi → station", *cells, " ".join(["Command", *names]) if names else ""]


def _actions(sender: schemas.Sender) -> list[str]:
    return sorted({action for version in VERSIONS for action in schemas.known_actions(version, sender)})


def _cell(version: str, sender: schemas.Sender, action: str, *, handled: bool) -> str:
    if action not in schemas.known_actions(version, sender):
        return "–"
    return "yes" if handled else "not yet"


def _command(adapter: Adapter, action: str) -> str | None:
    """The command that ``action`` says."""
    return next((name for name, sender in adapter.senders.items() if action in actions_of(sender)), None)


def actions_of(sender: Sender) -> tuple[str, ...]:
    """All the actions that a command may become; where it chooses, its choice is typed."""
    if isinstance(sender.action, str):
        return (sender.action,)
    return typing.get_args(typing.get_type_hints(sender.action)["return"])
