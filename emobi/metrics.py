"""`/metrics`: figures of all processes, and what the tables say, in the text format of Prometheus.

Every sample of a process is labelled with it: a counter that begins anew with its process is understood, and
`sum by (…)` adds them up.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any, override

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from emobi.core import metric_snapshots
from emobi.core.models import EventCounter
from stations import selectors
from stations.models import Command, CommandState, Connectivity, Station

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

type Figure = dict[str, Any]
type Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

FAMILIES: Mapping[str, type[Family]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """All figures, for whoever has `EMOBI_METRICS_TOKEN`."""
    if not _is_let_in(request):
        refused = HttpResponse("Send the token as Authorization: Bearer TOKEN.\n", status=401)
        refused.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        refused.headers["Content-Type"] = "text/plain; charset=utf-8"
        return refused
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE)


def _is_let_in(request: HttpRequest) -> bool:
    wanted = settings.EMOBI_METRICS_TOKEN
    said = request.headers.get("Authorization", "")
    return bool(wanted) and hmac.compare_digest(said.encode(), f"Bearer {wanted}".encode())


class _Figures(Collector):
    @override
    def collect(self) -> Iterator[Metric]:
        yield from _of_processes()
        yield from _of_tables()


def _of_processes() -> Iterable[Metric]:
    families: dict[str, Family] = {}
    for process, figures in sorted(metric_snapshots.of_all().items()):
        for figure in figures:
            name = figure["name"]
            if name not in families:
                labels = [*figure.get("labels", ()), "process"]
                families[name] = FAMILIES[figure["kind"]](name, figure["about"], labels=labels)
            _add(families[name], figure, process)
    return families.values()


def _add(family: Family, figure: Figure, process: str) -> None:
    match family:
        case CounterMetricFamily():
            for labels, count in figure["samples"]:
                family.add_metric([*labels, process], count)
        case GaugeMetricFamily():
            if figure["value"] is not None:
                family.add_metric([process], figure["value"])
        case HistogramMetricFamily():
            if any(figure["counts"]):
                bounds = [*map(str, figure["bounds"]), "+Inf"]
                buckets = zip(bounds, accumulate(figure["counts"]), strict=True)
                family.add_metric([process], list(buckets), figure["sum"])


def _of_tables() -> Iterator[Metric]:
    stations = GaugeMetricFamily("emobi_stations", "Stations by connectivity.", labels=["connectivity"])
    known = dict(Station.objects.values_list("connectivity").annotate(Count("pk")).order_by())
    for connectivity in Connectivity.values:
        stations.add_metric([connectivity], known.get(connectivity, 0))
    yield stations
    recorded = EventCounter.objects.aggregate(all=Sum("value"))["all"] or 0
    yield CounterMetricFamily("emobi_events", "Events recorded.", value=recorded)
    queued = Command.objects.filter(state=CommandState.QUEUED).count()
    yield GaugeMetricFamily("emobi_queued_commands", "Commands that wait for their station.", value=queued)
    yield GaugeMetricFamily(
        "emobi_live_gateways", "Gateway processes with a valid lease.", value=selectors.live_gateways()
    )
