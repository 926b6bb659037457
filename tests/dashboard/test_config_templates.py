"""Templates of configuration: kept by engineers, and how the stations stand to them."""

import pytest

from emobi.core.models import AuditEntry
from stations.models import Command, ConfigurationTemplate, Variable
from stations.services.device_model import configuration_templates
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import want

LIST = "/settings/templates/"
FILLED = {
    "name": "Quiet <b>",
    "vendor": "volt",
    "model": "",
    "variables.0": "on",
    "variables.0.component": "OCPPCommCtrlr",
    "variables.0.variable": "HeartbeatInterval",
    "variables.0.value": "60",
}


def text(response, status=200):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


@pytest.fixture
def engineer(network):
    return signed_in(enlist(network, "enna", "engineer"))


def test_an_engineer_keeps_one_row_by_row_and_no_station_is_asked(network, alpha, engineer, viewer):
    assert "No template yet" in text(viewer.get(LIST))
    form = text(engineer.get(f"{LIST}new/"))
    assert 'name="variables.0.component"' in form
    more = text(engineer.post(f"{LIST}new/", {**FILLED, "add": "variables.1"}))
    assert 'name="variables.1.component"' in more
    assert 'value="HeartbeatInterval"' in more
    assert not ConfigurationTemplate.objects.exists()
    kept = engineer.post(f"{LIST}new/", FILLED)
    made = ConfigurationTemplate.objects.get()
    assert kept["Location"] == f"{LIST}{made.pk}/"
    assert (made.vendor, made.variables) == (
        "volt",
        [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}],
    )
    assert "Quiet &lt;b&gt;" in text(viewer.get(LIST))
    engineer.post(f"{LIST}{made.pk}/edit/", FILLED | {"variables.0.value": "90"})
    made.refresh_from_db()
    assert made.variables[0]["value"] == "90"
    assert 'value="90"' in text(engineer.get(f"{LIST}{made.pk}/edit/"))
    engineer.post(f"{LIST}{made.pk}/delete/")
    assert not ConfigurationTemplate.objects.exists()
    assert not Command.objects.exists()
    told = ["template.created", "template.changed", "template.deleted"]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == told


def test_what_no_template_may_hold_is_refused_where_it_stands(network, engineer):
    secret = FILLED | {"variables.0.variable": "BasicAuthPassword", "variables.0.component": "SecurityCtrlr"}
    refused = text(engineer.post(f"{LIST}new/", secret), 422)
    assert "each station" in refused
    assert 'value="Quiet &lt;b&gt;"' in refused
    text(engineer.post(f"{LIST}new/", FILLED | {"name": ""}), 422)
    text(engineer.post(f"{LIST}new/", {"name": "Empty"}), 422)
    assert not ConfigurationTemplate.objects.exists()


def test_each_station_says_how_it_stands_to_it(network, alpha, bravo, engineer, viewer):
    want(alpha, reported="300")
    want(bravo, reported="060")
    made = ConfigurationTemplate.objects.get()
    shown = text(engineer.get(f"{LIST}{made.pk}/"))
    assert "HeartbeatInterval: 300, not 60" in shown
    assert 'value="alpha" checked' in shown
    assert 'value="bravo">' in shown
    assert f'value="template:{made.pk}"' in shown
    assert "/stations/alpha/configuration/?show=drift" in shown
    Variable.objects.all().delete()
    looked_at = text(viewer.get(f"{LIST}{made.pk}/"))
    assert "Set the chosen right" not in looked_at
    assert looked_at.count('data-label="Never told" class="number fit">1<') == 2


def test_a_command_is_filled_in_from_one(network, alpha, bravo, engineer, stranger):
    want(alpha)
    want(stranger)
    mine, theirs = ConfigurationTemplate.objects.order_by("pk")
    path = "/stations/alpha/commands/set_config/"
    assert f"?template={mine.pk}" in text(engineer.get(path))
    # OCPP 1.6 has no fields for components.
    assert "&quot;HeartbeatInterval&quot;" in text(engineer.get(f"{path}?template={mine.pk}"))
    on_bravo = f"{path.replace('alpha', 'bravo')}?template={mine.pk}"
    assert 'value="HeartbeatInterval"' in text(engineer.get(on_bravo))
    assert engineer.get(f"{path}?template={theirs.pk}").status_code == 404
    assert "?template=" not in text(engineer.get("/stations/alpha/commands/get_config/"))


def test_operators_look_and_another_networks_is_not_there(network, operator, stranger, engineer):
    theirs = configuration_templates.create(
        stranger.network,
        name="Theirs",
        variables=[{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "1"}],
        by="user:eve",
    )
    assert operator.get(f"{LIST}new/").status_code == 403
    for path in ("", "edit/"):
        assert engineer.get(f"{LIST}{theirs.pk}/{path}").status_code == 404
    assert engineer.post(f"{LIST}{theirs.pk}/delete/").status_code == 404
    assert ConfigurationTemplate.objects.exists()
