"""How the gateway is doing, in a handful of figures: commands, messages, webhooks, incidents, new faults.

One statement over indexes and bounded spans of time, whatever there is in the tables.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from dashboard import figures
from emobi.core import clock, ulid
from emobi.core.models import Network
from stations import frame_ids

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# How long a span the message rate is of.
RATE_S = 10

_READ = """
SELECT commands.*, frames.*, webhooks.*, incidents.*,
    (SELECT count(*) FROM stations_connector AS c JOIN stations_station AS s ON s.id = c.station_id
        WHERE s.network_id = %(network)s AND c.status = 'Faulted' AND c.evse_id > 0
        AND c.changed_at > %(hour_ago)s)
FROM (
    SELECT count(*) FILTER (WHERE ended_at IS NOT NULL),
        count(*) FILTER (WHERE ended_at IS NOT NULL AND state IN ('accepted', 'scheduled')),
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - sent_at))
            FILTER (WHERE sent_at IS NOT NULL AND state IN ('accepted', 'scheduled', 'rejected'))
    FROM stations_command WHERE network_id = %(network)s AND id >= %(hour)s
) AS commands, (
    SELECT count(*) FILTER (WHERE direction = 0), count(*) FILTER (WHERE direction = 1),
        count(*) FILTER (WHERE kind = 4)
    FROM stations_frame WHERE network_id = %(network)s AND id >= %(rate)s
) AS frames, (
    SELECT count(*), count(*) FILTER (WHERE d.attempts > 0)
    FROM webhooks_delivery AS d JOIN webhooks_endpoint AS e ON e.id = d.endpoint_id
    WHERE e.network_id = %(network)s AND d.state IN ('pending', 'held')
) AS webhooks, (
    SELECT count(*), count(*) FILTER (
        WHERE state = 'open' AND (snoozed_until IS NULL OR snoozed_until < %(now)s))
    FROM stations_incident WHERE network_id = %(network)s AND state <> 'resolved'
) AS incidents
"""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """All of it.

    Attributes:
        commands: That ended within the hour, ``accepted`` of them with success.
        p95_s: From the CALL to its answer, of those that were answered.
        received: Messages a second; so are ``sent`` and ``errors``.
        backlog: Deliveries that wait, those behind one of their station that failed, too.
        retried: Of these, that have failed at least once.
        faulted: EVSEs that became faulted within the hour and still are.
    """

    commands: int
    accepted: int
    p95_s: float | None
    received: float
    sent: float
    errors: float
    backlog: int
    retried: int
    incidents: int
    unacknowledged: int
    faulted: int

    @property
    def values(self) -> dict[str, object]:
        """As a live page gets them."""
        return {
            "incidents": figures.count(self.incidents),
            "incidents_more": self.incidents_more,
            "success": self.success,
            "success_more": self.success_more,
            "messages": self.messages,
            "messages_more": self.messages_more,
            "backlog": figures.count(self.backlog),
            "backlog_more": self.backlog_more,
            "new_faults": self.new_faults,
        }

    @property
    def incidents_more(self) -> str:
        return f"{figures.count(self.unacknowledged)} unacknowledged" if self.incidents else "all is well"

    @property
    def success(self) -> str:
        return f"{100 * self.accepted / self.commands:.1f} %" if self.commands else figures.UNKNOWN

    @property
    def success_more(self) -> str:
        if not self.commands:
            return "no command in the last hour"
        return f"p95 {figures.lasting(self.p95_s * 1000)}" if self.p95_s is not None else "none answered"

    @property
    def messages(self) -> str:
        return f"{_rate(self.received)} / {_rate(self.sent)}"

    @property
    def messages_more(self) -> str:
        total = self.received + self.sent
        return (
            f"in / out a second · {100 * self.errors / total:.1f} % errors" if total else "in / out a second"
        )

    @property
    def backlog_more(self) -> str:
        return f"{figures.count(self.retried)} failed before" if self.retried else "webhooks waiting"

    @property
    def new_faults(self) -> str:
        return f"{figures.count(self.faulted)} new in an hour"


def _rate(number: float) -> str:
    return f"{number:.1f}" if number < 10 else figures.count(round(number))


def read(network: Network) -> Measures:
    """Read them; one query."""
    now = clock.wall()
    asked: dict[str, int | str | datetime] = {
        "network": network.pk,
        "now": now,
        "hour": ulid.lowest(now - HOUR),
        "hour_ago": now - HOUR,
        "rate": frame_ids.lowest(now - timedelta(seconds=RATE_S)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, asked)
        row = cursor.fetchone()
    commands, accepted, p95, received, sent, errors, backlog, retried, incidents, open_, faulted = row
    return Measures(
        commands=commands,
        accepted=accepted,
        p95_s=p95,
        received=received / RATE_S,
        sent=sent / RATE_S,
        errors=errors / RATE_S,
        backlog=backlog,
        retried=retried,
        incidents=incidents,
        unacknowledged=open_,
        faulted=faulted,
    )
