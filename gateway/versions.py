"""The OCPP versions that we speak, by their WebSocket subprotocols, the newest first."""

from gateway import ocpp16, ocpp201
from gateway.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {adapter.subprotocol: adapter for adapter in (ocpp201.ADAPTER, ocpp16.ADAPTER)}
BY_VERSION: dict[str, Adapter] = {adapter.version: adapter for adapter in ADAPTERS.values()}
