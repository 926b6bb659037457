"""Whether what a station reports is what is wanted of it. Pure.

The same setting is written in several ways: stations answer TRUE where true was set, and sort lists anew.
"""

from decimal import Decimal, InvalidOperation

# What 1.6 doesn't say the type of may be any of these.
_TYPES = ("boolean", "integer", "SequenceList")


def same(wanted: str, reported: str, data_type: str | None) -> bool:
    """Whether two values mean the same.

    Args:
        wanted: What it is to be.
        reported: What it is.
        data_type: DataEnumType of the variable (2.0.1 part 2, section 3.26); None: not said.
    """
    if wanted == reported:
        return True
    types = _TYPES if data_type is None else (data_type,)
    return any(_same(wanted.strip(), reported.strip(), each) for each in types)


def _same(wanted: str, reported: str, data_type: str) -> bool:
    match data_type:
        case "boolean":
            return wanted.casefold() == reported.casefold() and wanted.casefold() in ("true", "false")
        case "integer" | "decimal":
            number = _number(wanted)
            return number is not None and number == _number(reported)
        case "SequenceList":
            return _members(wanted) == _members(reported)
        case "MemberList":
            return set(_members(wanted)) == set(_members(reported))
    return False


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _members(text: str) -> list[str]:
    return [member.strip() for member in text.split(",")]
