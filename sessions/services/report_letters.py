"""Reports by e-mail: a network's week or month, in a letter to each who wants it.

What is due is a row; the letter is one of `stations.services.notifications`, told once for each period.
"""

from datetime import datetime, timedelta

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from sessions import session_reports
from sessions.models import Every, ReportSubscription
from stations import incidents, ledger_reading, network_uptime, uptime
from stations.models import Incident, Station
from stations.network_uptime import Together
from stations.services.notifications import telling
from stations.services.notifications.routes import checked_address
from stations.uptime import Span

MOST_SUBSCRIPTIONS = 200
# When Europe and Africa begin to work; by then the ledger is written.
HOUR = timedelta(hours=5)
# So long a report waits for a ledger that is behind.
PATIENCE = timedelta(hours=24)


def subscribe(
    network: Network, recipient: str, every: Every, *, by: str, address: str | None = None
) -> ReportSubscription:
    """Send somebody the report from now on: first of the period that goes on now. Twice is once.

    Raises:
        Invalid: If the recipient is no e-mail address.
        Conflict: If the network has very many already.
    """
    recipient = checked_address(recipient, "recipient").lower()
    with unit_of_work.begin():
        Network.objects.select_for_update(no_key=True).get(pk=network.pk)
        of_network = ReportSubscription.objects.filter(network=network)
        known = of_network.filter(recipient=recipient, every=every).first()
        if known is not None:
            return known
        if of_network.count() >= MOST_SUBSCRIPTIONS:
            raise Conflict(f"A network sends up to {MOST_SUBSCRIPTIONS} reports.")
        now = clock.now()
        made = ReportSubscription.objects.create(
            network=network,
            recipient=recipient,
            every=every,
            next_at=period_of(every, now)[1] + HOUR,
            created_at=now,
            created_by=by[:200],
        )
        detail = {"every": every}
        audit.record(network.pk, by, "report_subscription.created", recipient, detail, address)
    return made


def unsubscribe(subscription: ReportSubscription, *, by: str, address: str | None = None) -> None:
    """Send it no more."""
    with unit_of_work.begin():
        deleted, _ = ReportSubscription.objects.filter(pk=subscription.pk).delete()
        if deleted:
            detail = {"every": subscription.every}
            audit.record(
                subscription.network_id,
                by,
                "report_subscription.deleted",
                subscription.recipient,
                detail,
                address,
            )


def get(network: Network, subscription_id: int) -> ReportSubscription:
    """One of the network's.

    Raises:
        NotFound: If it has none of that number.
    """
    found = ReportSubscription.objects.filter(network=network, pk=subscription_id).first()
    if found is None:
        raise NotFound("There is no such subscription.")
    return found


def period_of(every: Every, moment: datetime) -> Span:
    """The week or month (UTC) of a moment, until where the next one begins."""
    begin = uptime.month_of(moment)
    if every == Every.MONTH:
        return begin, uptime.next_month(begin)
    midnight = moment.astimezone(begin.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return monday, monday + timedelta(days=7)


def name_of(every: Every, period: Span) -> str:
    """November 2026; the week from 2026-11-23."""
    return f"{period[0]:%B %Y}" if every == Every.MONTH else f"the week from {period[0]:%Y-%m-%d}"


def send_due() -> int:
    """Write the letters that are due; how many. Safe to run any time, and twice at once."""
    sent = 0
    while (found := _next()) is not None:
        sent += found
    return sent


def _next() -> int | None:
    """The next one that is due: 1 if it was written, 0 if it waits on; None: there is none."""
    now = clock.now()
    with unit_of_work.begin():
        row = (
            ReportSubscription.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("network")
            .filter(next_at__lte=now)
            .order_by("next_at", "pk")
            .first()
        )
        if row is None:
            return None
        every = Every(row.every)
        # The period that ended before it was due, however late it is.
        period = period_of(every, period_of(every, row.next_at - HOUR)[0] - timedelta(seconds=1))
        complete_to = ledger_reading.complete_to(row.network)
        if complete_to < period[1] and now < period[1] + PATIENCE:
            row.next_at = now + timedelta(minutes=30)
            row.save(update_fields=["next_at"])
            return 0
        name = name_of(every, period)
        telling.tell(
            row.network,
            f"Charging report of {row.network.name}: {name}",
            text(row.network, period, complete_to),
            cause=f"report:{row.pk}",
            key=f"report:{row.pk}:{period[0]:%Y-%m-%d}",
            recipients=[row.recipient],
            path=_path(every, period),
        )
        row.next_at = period_of(every, now)[1] + HOUR
        row.save(update_fields=["next_at"])
        return 1


def _path(every: Every, period: Span) -> str:
    """Where the same days are a page."""
    if every == Every.MONTH:
        return f"/reports/?month={period[0]:%Y-%m}"
    return f"/reports/?from={period[0]:%Y-%m-%d}&to={period[1] - timedelta(days=1):%Y-%m-%d}"


def text(network: Network, period: Span, complete_to: datetime) -> str:
    """The figures of a span, the same as the page's, as plain text."""
    [together] = network_uptime.of(network, [period], min(clock.now(), complete_to))
    ids = list(Station.objects.filter(network=network).values_list("pk", flat=True))
    rows = session_reports.by_station(ids, *period).values()
    sessions, failed, refused, empty = (
        sum(row[name] for row in rows) for name in ("sessions", "failed_starts", "refused", "zero_energy")
    )
    energy_kwh = float(sum(row["energy_wh"] for row in rows)) / 1000
    lines = [
        f"{period[0]:%Y-%m-%d} to {period[1]:%Y-%m-%d} (UTC)",
        "",
        _uptime(together),
        *(
            f"  {identity}{f' EVSE {evse}' if evse else ''}: {percent:.2f} %"
            for percent, identity, evse in together.worst
        ),
        f"Sessions: {sessions:,}"
        + (f", of which {100 * (sessions - failed) / sessions:.1f} % worked" if sessions else "")
        + f" ({refused:,} refused, {empty:,} without energy)",
        f"Energy: {energy_kwh:,.1f} kWh",
        _incidents(network, period),
        "",
        f"Data complete to {min(complete_to, period[1]):%Y-%m-%d %H:%M} UTC.",
    ]
    return "\n".join(lines)


def _uptime(together: Together) -> str:
    if together.percent is None:
        return "Uptime: nothing was connected"
    target = 100 * uptime.TARGET
    return (
        f"Uptime of all EVSEs: {together.percent:.2f} %; {together.missed:,} of {together.evses:,} "
        f"below {target:g} %{', the worst:' if together.worst else ''}"
    )


def _incidents(network: Network, period: Span) -> str:
    opened = Incident.objects.filter(network=network, opened_at__gte=period[0], opened_at__lt=period[1])
    told = incidents.mean_times(opened)
    means = [
        f"{word} after {told[name].total_seconds() / 60:,.0f} min on average"
        for name, word in (("acknowledged", "acknowledged"), ("resolved", "over"))
        if told[name] is not None
    ]
    return f"Incidents: {told['count']:,}" + (f", {', '.join(means)}" if means else "")
