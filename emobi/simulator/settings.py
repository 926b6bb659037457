"""What can be configured and has an effect, named once for both versions.

Each version keeps its own store (``ocpp16.configuration``, ``ocpp201.device_model``) under its own
names; the station reads it through this.
"""

from abc import ABC, abstractmethod
from enum import Enum, auto


class Setting(Enum):
    HEARTBEAT_INTERVAL_S = auto()
    PING_INTERVAL_S = auto()
    SAMPLE_INTERVAL_S = auto()
    ALIGNED_INTERVAL_S = auto()
    STARTED_MEASURANDS = auto()
    SAMPLED_MEASURANDS = auto()
    ALIGNED_MEASURANDS = auto()
    ENDED_MEASURANDS = auto()
    CONNECTION_TIMEOUT_S = auto()
    MESSAGE_ATTEMPTS = auto()
    MESSAGE_RETRY_S = auto()
    AUTHORIZE_REMOTE_START = auto()
    AUTHORIZE_OFFLINE_LOCALLY = auto()
    AUTHORIZE_OFFLINE_UNKNOWN = auto()
    AUTHORIZE_LOCALLY_FIRST = auto()
    STOP_ON_INVALID_TOKEN = auto()
    OFFLINE_THRESHOLD_S = auto()
    BACKOFF_WAIT_MINIMUM_S = auto()
    BACKOFF_RANDOM_RANGE_S = auto()
    BACKOFF_REPEAT_TIMES = auto()


class Settings(ABC):
    """A station's configuration."""

    @abstractmethod
    def read(self, setting: Setting) -> str:
        """The value as the version writes it."""

    @abstractmethod
    def write(self, setting: Setting, value: str) -> None:
        """Set what the station itself decides, as HeartbeatInterval after a boot."""

    def integer(self, setting: Setting) -> int:
        return int(self.read(setting))

    def flag(self, setting: Setting) -> bool:
        return self.read(setting).casefold() == "true"

    def words(self, setting: Setting) -> list[str]:
        return [word.strip() for word in self.read(setting).split(",") if word.strip()]
