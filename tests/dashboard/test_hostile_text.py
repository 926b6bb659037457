"""What a station says of itself is text, on every page."""

import pytest

from stations.models import RefusedHandshake, Station
from tests.dashboard.state import charge, exchange, report
from tests.dashboard.test_connect_page import refuse

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<b hx-get='/sign-out/' hx-trigger='load'>",
    "{{ settings.SECRET_KEY }}{% csrf_token %}",
    "javascript:alert(1)//",
]


@pytest.fixture(params=HOSTILE)
def hostile(request, network, alpha):
    text = request.param
    Station.objects.update(
        vendor=text, model=text, firmware_version=text, serial_number=text, iccid=text, site=text, tags=[text]
    )
    report(alpha, "Faulted", error_code=text[:50], vendor_error_code=text, info=text)
    charge(alpha, id_token=text, transaction_id=text[:64], reason=text[:40], suspect=[text])
    refuse(network, text[:64], detail=text, reason=text[:40])
    return text


@pytest.mark.parametrize(
    "path",
    ["/stations/", "/stations/alpha/", "/messages/", "/connect/", "/stations/alpha/commands/remote_stop/"],
)
def test_it_is_shown_and_does_nothing(alpha, hostile, operator, path):
    exchange(alpha, "DataTransfer", {"vendorId": hostile, hostile: hostile}, error=hostile)
    html = operator.get(path).content.decode()
    for markup in ("<script>alert", "<img src=x", "<b hx-get", 'href="javascript:'):
        assert markup not in html
    assert html.count("hx-get=") == html.count('hx-get="/fragments/') + html.count("hx-get=&#x27;")
    assert RefusedHandshake.objects.count() == 1


def test_template_braces_stay_braces(alpha, viewer):
    Station.objects.update(vendor="{{ 7|add:7 }}")
    assert "{{ 7|add:7 }}" in viewer.get("/stations/").content.decode()


def test_a_message_of_it_is_shown_and_does_nothing(alpha, hostile, viewer):
    html = viewer.get(f"/messages/{exchange(alpha, hostile, {hostile: hostile}, {})}/").content.decode()
    for markup in ("<script>alert", "<img src=x", "<b hx-get"):
        assert markup not in html


def test_a_hostile_search_is_text(alpha, viewer):
    html = viewer.get("/stations/", {"q": HOSTILE[1]}).content.decode()
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html
