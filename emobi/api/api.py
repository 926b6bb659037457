"""The REST API: one router a resource, put together."""

from emobi.api import commands, events, id_tokens, messages, openapi, problems, sessions, stations, system
from emobi.api.auth import Key
from emobi.api.inputs import Inputs

api = openapi.Api(
    title="Emobi",
    version="1",
    description="Charging stations of OCPP 1.6 and 2.0.1 through one API. "
    "Send `Authorization: Bearer KEY`; a key belongs to one network and has a role.",
    auth=Key(),
    parser=Inputs(),
    docs=openapi.docs,
    docs_decorator=openapi.docs_policy,
    urls_namespace="api",
)
problems.install(api)
api.add_router("", system.router)
api.add_router("stations", stations.router)
api.add_router("stations", commands.of_station)
api.add_router("stations", messages.of_station)
api.add_router("messages", messages.router)
api.add_router("commands", commands.router)
api.add_router("sessions", sessions.router)
api.add_router("id-tokens", id_tokens.router)
api.add_router("events", events.router)
