"""How often a password may be tried. No I/O; time is passed in. Kept by each web process for itself."""

from collections import OrderedDict, deque

# A person mistypes some times; nobody guesses a password of ours in ten tries a quarter of an hour.
PER_NAME = 10
# An office behind one address mistypes more often.
PER_ADDRESS = 100
WINDOW_S = 900.0
LARGEST = 20_000

type Key = tuple[str, str]


class Failures:
    """Failed sign-ins by (address, name) and by address, in bounded memory.

    A name alone is never counted: whoever guesses locks out nobody but themselves.
    """

    def __init__(self) -> None:
        self._times: OrderedDict[Key, deque[float]] = OrderedDict()

    def add(self, address: str, name: str, now: float) -> None:
        """Note a failure at ``now``, in seconds of a monotonic clock."""
        for key, most in _keys(address, name):
            times = self._times.setdefault(key, deque(maxlen=most))
            times.append(now)
            self._times.move_to_end(key)
        while len(self._times) > LARGEST:
            self._times.popitem(last=False)

    def forgive(self, address: str, name: str) -> None:
        """They knew the password after all."""
        self._times.pop((address, _folded(name)), None)

    def wait_s(self, address: str, name: str, now: float) -> int:
        """Seconds until this name may be tried from this address again; 0: now."""
        return max(self._wait(key, most, now) for key, most in _keys(address, name))

    def _wait(self, key: Key, most: int, now: float) -> int:
        times = self._times.get(key, deque())
        if len(times) < most or now - times[0] >= WINDOW_S:
            return 0
        return int(WINDOW_S - (now - times[0])) + 1


def _keys(address: str, name: str) -> tuple[tuple[Key, int], ...]:
    return ((address, _folded(name)), PER_NAME), ((address, ""), PER_ADDRESS)


def _folded(name: str) -> str:
    return name.strip().lower()[:150] or "-"
