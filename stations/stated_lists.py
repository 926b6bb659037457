"""Lists among a station's variables that say what it takes: protocols, formats, priorities.

What it never said is None: then nothing is refused for it.

Source: OCPP 2.0.1 part 2, referenced components and variables; keys of 1.6 by `stations.configuration_keys`.
"""

from stations.models import Station, Variable

_OF_DISPLAY = ("SupportedFormats", "SupportedPriorities")


def file_protocols(station: Station) -> list[str] | None:
    """By which protocols it fetches and leaves files; one query."""
    return _lists(station, "OCPPCommCtrlr", "FileTransferProtocols").get("FileTransferProtocols")


def of_display(station: Station) -> tuple[list[str] | None, list[str] | None]:
    """Formats and priorities of messages that it can show; one query."""
    found = _lists(station, "DisplayMessageCtrlr", *_OF_DISPLAY)
    formats, priorities = (found.get(name) for name in _OF_DISPLAY)
    return formats, priorities


def takes(stated: list[str] | None, wanted: str) -> bool:
    """Whether a list has ``wanted``, in whatever case; one that was never said has everything."""
    return stated is None or wanted.casefold() in (member.casefold() for member in stated)


def _lists(station: Station, component: str, *names: str) -> dict[str, list[str]]:
    """The members of each list that the station told, by its name; an empty one tells nothing."""
    rows = Variable.objects.filter(
        station=station, component=component, variable__in=names, attribute="Actual"
    ).values_list("variable", "value")
    found = {
        name: [each.strip() for each in (value or "").split(",") if each.strip()] for name, value in rows
    }
    return {name: members for name, members in found.items() if members}
