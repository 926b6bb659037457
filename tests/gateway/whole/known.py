"""Registered stations."""

from dataclasses import dataclass
from typing import Any

from stations.models import Station
from tests.gateway.whole.charger import Charger
from tests.gateway.whole.gateway_process import GatewayProcess


@dataclass(frozen=True)
class Known:
    """A registered station, and how it gets in."""

    station: Station
    password: str | None

    @property
    def path(self) -> str:
        return f"/ocpp/{self.station.network.slug}/{self.station.identity}"

    @property
    def credentials(self) -> dict[str, Any]:
        if self.password is None:
            return {}
        return {"user": self.station.identity, "password": self.password}

    def connect(self, gateway: GatewayProcess, version: str = "1.6", **options: Any) -> Charger:
        given = {"offered": (f"ocpp{version}",), **self.credentials, **options}
        return Charger(gateway, given.pop("path", self.path), **given)
