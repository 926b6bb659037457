"""Many at once are one thing: which stations belong together, and by what. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

# What stations can have in common, the most telling first where two tell as much.
SITE, ADDRESS, GATEWAY, FIRMWARE, CODE, NETWORK = "site", "address", "gateway", "firmware", "code", "network"
TELLING = (SITE, ADDRESS, GATEWAY, FIRMWARE, CODE)

# Of those that share it so many must be affected, and of the affected so many must share it.
LEAST_AFFECTED = 0.5
LEAST_SHARED = 0.8

# A burst is over when it has been quiet for so long, or has gone on for so long.
QUIET = timedelta(seconds=3)
LONGEST_BURST = timedelta(seconds=15)

# What has been due for so long, and is no incident, has only just been found (a rule was switched on, or
# maintenance is over): it is found at one moment, and belongs together whenever it began.
LATE = timedelta(minutes=1)

type Attribute = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Member:
    """Something that may belong to a group, since when, and what it may have in common with others.

    Of one station there may be several, its connectors: they count as the one station that they are.
    """

    key: str
    station: str
    since: datetime
    due_at: datetime
    attributes: frozenset[Attribute]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Members that are one thing; by ("network", "") they share nothing but the moment."""

    by: Attribute
    keys: tuple[str, ...]


def attributes(
    *,
    site: str = "",
    remote_address: str = "",
    gateway: str = "",
    firmware: str = "",
    code: str = "",
) -> frozenset[Attribute]:
    """What a station may have in common with others; what isn't known is nothing in common."""
    known = {
        SITE: site,
        ADDRESS: prefix(remote_address),
        GATEWAY: gateway,
        FIRMWARE: firmware,
        CODE: code,
    }
    return frozenset((name, value) for name, value in known.items() if value)


def prefix(remote_address: str) -> str:
    """The network that an address belongs to as far as it can be told: /24, or /48 for IPv6."""
    try:
        address = ip_address(remote_address)
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def find(
    pool: Sequence[Member],
    reachable: Mapping[Attribute, int],
    *,
    group_of: int,
    mass_of: int,
    within: timedelta,
    now: datetime,
) -> tuple[list[Group], set[str]]:
    """Groups among those that are in no incident yet; and the keys of those in a burst that isn't over.

    So many that share nothing at all are a group, too, as soon as the burst is over. Smaller groups wait
    until the first of their members would be an incident by itself, lest a mass loss begin as a small one.

    Args:
        pool: Those.
        reachable: How many stations with an attribute are well.
        group_of: So many stations that share something are a group.
        mass_of: So many are one, whatever they share.
        within: Lost within this time of each other.
        now: By our clock.
    """
    at = {
        each.key: max(each.since, now - within) if each.due_at < now - LATE else each.since for each in pool
    }
    groups = []
    bursting: set[str] = set()
    left = list(pool)
    while left:
        first = min(at[each.key] for each in left)
        together = [each for each in left if at[each.key] <= first + within]
        newest = max(at[each.key] for each in together)
        burst_is_over = now >= newest + QUIET or now >= first + LONGEST_BURST
        if stations(together) >= mass_of:
            if burst_is_over:
                groups.append(Group(by=(NETWORK, ""), keys=tuple(each.key for each in together)))
            else:
                bursting |= {each.key for each in together}
            members = together
        else:
            due = [each for each in together if each.due_at <= now]
            by = best(together, reachable, group_of=group_of) if due else None
            members = [each for each in together if by in each.attributes] if by else together
            if by:
                groups.append(Group(by=by, keys=tuple(each.key for each in members)))
        gone = {each.key for each in members}
        left = [each for each in left if each.key not in gone]
    return groups, bursting


def stations(members: Iterable[Member]) -> int:
    """Of how many stations they are."""
    return len({each.station for each in members})


def best(
    affected: Iterable[Member],
    reachable: Mapping[Attribute, int],
    *,
    group_of: int,
    least_shared: float = 0.0,
) -> Attribute | None:
    """What says most of those that are affected: most share it, and few that share it are well."""
    members = list(affected)
    of_stations = {(each.station, attribute) for each in members for attribute in each.attributes}
    counted = Counter(attribute for _, attribute in of_stations)
    affected_stations = stations(members)
    scores = {
        attribute: count * count / (count + reachable.get(attribute, 0))
        for attribute, count in counted.items()
        if count >= group_of
        and count >= LEAST_AFFECTED * (count + reachable.get(attribute, 0))
        and count >= least_shared * affected_stations
    }
    return min(scores, key=lambda each: (-scores[each], TELLING.index(each[0])), default=None)


def label(by: Attribute | None) -> str:
    """In words, what they have in common."""
    match by:
        case (str(name), str(value)) if name == SITE:
            return f"site {value}"
        case (str(name), str(value)) if name == ADDRESS:
            return f"addresses {value}"
        case (str(name), str(value)) if name == GATEWAY:
            return f"gateway process {value}"
        case (str(name), str(value)) if name == FIRMWARE:
            return f"firmware {value}"
        case (str(name), str(value)) if name == CODE:
            return value
    return "several places"


def count(all_attributes: Iterable[Collection[Attribute]]) -> dict[Attribute, int]:
    """How many have each attribute."""
    counted: defaultdict[Attribute, int] = defaultdict(int)
    for each in all_attributes:
        for attribute in each:
            counted[attribute] += 1
    return counted
