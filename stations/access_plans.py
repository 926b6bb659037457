"""Which steps lead a station to another password, or to a higher security profile. Pure.

Source: OCPP 2.0.1 part 2, A01, A05, B09 and B10; security whitepaper of 1.6, A01 and A05. No step takes away
what lets the station in; the last one is that it comes in with the new.
"""

from enum import StrEnum


class Step(StrEnum):
    """One thing to do, or to wait for."""

    LIST_ROOTS = "list_roots"  # does it trust our server's certificate at all?
    INSTALL_ROOT = "install_root"
    SET_PASSWORD = "set_password"
    REQUEST_CERTIFICATE = "request_certificate"  # it makes a key, asks, and is brought its certificate
    SET_PROFILE = "set_profile"  # 1.6: a configuration key; the station connects anew by itself
    READ_PRIORITY = "read_priority"  # 2.0.1: which network profiles it uses now
    SET_NETWORK_PROFILE = "set_network_profile"
    SET_PRIORITY = "set_priority"
    RESET = "reset"
    PROVE = "prove"  # it comes in with the new


# The steps after which the station may use the new, whatever it answers.
MOVING = frozenset({Step.SET_PROFILE, Step.SET_PRIORITY})


def password() -> list[Step]:
    """A01."""
    return [Step.SET_PASSWORD, Step.PROVE]


def security_profile(version: str, to: int, *, has_password: bool, brings_root: bool) -> list[Step]:
    """A05, to profile 1, 2 or 3.

    Args:
        version: That the station speaks.
        to: The profile, higher than the one it has.
        has_password: Whether it has one already; profile 3 needs none.
        brings_root: Whether a root for our server's certificate is given; else the station must have one.
    """
    steps = []
    if to >= 2:
        steps.append(Step.INSTALL_ROOT if brings_root else Step.LIST_ROOTS)
    if to == 3:
        steps.append(Step.REQUEST_CERTIFICATE)
    elif not has_password:
        steps.append(Step.SET_PASSWORD)
    if version == "1.6":
        steps.append(Step.SET_PROFILE)
    else:
        steps += [Step.READ_PRIORITY, Step.SET_NETWORK_PROFILE, Step.SET_PRIORITY, Step.RESET]
    return [*steps, Step.PROVE]
