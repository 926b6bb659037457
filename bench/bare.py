"""What a Python user would otherwise start with: `websockets` and the `ocpp` package's ChargePoint.

No database: it validates as the package does, keeps nothing, and gives each StartTransaction a number.
"""

import asyncio
import itertools
import sys
from datetime import UTC, datetime
from typing import Any

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

numbers = itertools.count(1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Station16(ChargePoint16):  # type: ignore[misc]  # the package has no types
    @on("BootNotification")  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.BootNotification(current_time=_now(), interval=300, status="Accepted")

    @on("Heartbeat")  # type: ignore[untyped-decorator]
    def on_heartbeat(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.Heartbeat(current_time=_now())

    @on("StatusNotification")  # type: ignore[untyped-decorator]
    def on_status(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.StatusNotification()

    @on("StartTransaction")  # type: ignore[untyped-decorator]
    def on_start(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.StartTransaction(transaction_id=next(numbers), id_tag_info={"status": "Accepted"})

    @on("MeterValues")  # type: ignore[untyped-decorator]
    def on_meter_values(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.MeterValues()

    @on("StopTransaction")  # type: ignore[untyped-decorator]
    def on_stop(self, **_: Any) -> Any:  # noqa: ANN401
        return result16.StopTransaction()


class Station201(ChargePoint201):  # type: ignore[misc]
    @on("BootNotification")  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> Any:  # noqa: ANN401
        return result201.BootNotification(current_time=_now(), interval=300, status="Accepted")

    @on("Heartbeat")  # type: ignore[untyped-decorator]
    def on_heartbeat(self, **_: Any) -> Any:  # noqa: ANN401
        return result201.Heartbeat(current_time=_now())

    @on("StatusNotification")  # type: ignore[untyped-decorator]
    def on_status(self, **_: Any) -> Any:  # noqa: ANN401
        return result201.StatusNotification()

    @on("TransactionEvent")  # type: ignore[untyped-decorator]
    def on_event(self, **kwargs: Any) -> Any:  # noqa: ANN401
        info = {"status": "Accepted"} if "id_token" in kwargs else None
        return result201.TransactionEvent(id_token_info=info)


async def _station(connection: ServerConnection) -> None:
    kind = Station16 if connection.subprotocol == "ocpp1.6" else Station201
    request = connection.request
    identity = request.path.rsplit("/", 1)[-1] if request else ""
    try:
        await kind(identity, connection).start()
    except ConnectionClosed:
        return


async def main(port: int) -> None:
    async with serve(_station, "127.0.0.1", port, subprotocols=["ocpp1.6", "ocpp2.0.1"]) as server:  # type: ignore[list-item]
        print(server.sockets and port, flush=True)
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
