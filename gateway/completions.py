"""What we know and the asker needn't say: filled in right before a command is said.

A function of this table gets the station and the command as it was asked, and returns it whole. It raises
`gateway.errors.CommandUnsupported` for what can't be said to this station at all.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from gateway import errors
from sessions import selectors as sessions
from stations.commands.transactions import RemoteStop
from stations.models import Station


def _name_transaction(station: Station, asked: RemoteStop) -> RemoteStop:
    """Name the transaction of a session of ours."""
    if asked.session_id is None:
        return asked
    session = sessions.of_station(station, asked.session_id)
    if session is None:
        raise errors.CommandUnsupported("the station has no such session")
    return dataclasses.replace(asked, transaction_id=session.transaction_id)


COMPLETIONS: Mapping[str, Callable[[Station, Any], Any]] = {
    "remote_stop": _name_transaction,
}
