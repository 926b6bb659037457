"""Params of commands as they wait: without their secrets, and the whole of them sealed."""

from collections.abc import Collection, Mapping
from typing import Any

from emobi.core import sealing
from stations import masking

PURPOSE = "command params"


def closed(params: Mapping[str, Any], hidden: Collection[str]) -> tuple[dict[str, Any], str]:
    """``params`` without their secrets, and sealed with them; "": they have none.

    ``hidden`` as in `masking.value`.
    """
    whole = dict(params)
    shown: dict[str, Any] = masking.value(whole, hidden=hidden)
    return shown, "" if shown == whole else sealing.seal(whole, PURPOSE)


def opened(params: dict[str, Any], sealed: str) -> dict[str, Any]:
    """The params with their secrets.

    Raises:
        Conflict: If they can't be read any more.
    """
    if not sealed:
        return params
    whole: dict[str, Any] = sealing.unseal(sealed, PURPOSE)
    return whole
