"""What people are told: by routes, by e-mail through a real server, never too often, never lost."""

from datetime import timedelta

import pytest
from django.core import mail

from emobi import env
from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Invalid
from emobi.core.events import Subject
from emobi.core.models import Event
from stations.models import (
    Incident,
    IncidentStation,
    Letter,
    LetterState,
    Notification,
    RaisedNotification,
    Station,
)
from stations.services.notifications import letters, routes, telling
from tests.stations.mail_server import MailServer
from tests.stations.telling import NOON, after


@pytest.fixture(scope="module")
def server():
    running = MailServer().start()
    yield running
    running.stop()


@pytest.fixture
def kept(server, settings):
    """What our mail server got."""
    settings.EMOBI_EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
    settings.EMOBI_EMAIL_FROM = "Emobi <noc@example.org>"
    settings.MAILERS = {"default": env.mailer("EMOBI_EMAIL_URL", settings.EMOBI_EMAIL_URL)}
    server.kept.letters.clear()
    server.kept.answers.clear()
    return server.kept


def route(network, **fields):
    with clock.at(NOON - timedelta(days=1)):
        given = {"name": "On call", "recipients": ["alice@example.org"], **fields}
        return routes.create(network, given, by="user:a")


def opened(network, at=0.0, *, severity="major", kind="offline", title="alpha is offline", stations=()):
    """An incident opens."""
    with clock.at(after(at)), unit_of_work.begin():
        incident = Incident.objects.create(
            id=ulid.new(),
            network=network,
            kind=kind,
            severity=severity,
            key=ulid.new(),
            title=title,
            summary="It said nothing.",
            first_at=after(at),
            last_at=after(at),
            opened_at=after(at),
            opened_by="system:incidents",
        )
        for station in stations:
            IncidentStation.objects.create(incident=incident, station=station, since=after(at))
        told(incident, events.IncidentOpened)
    return incident


def told(incident, kind, **more):
    data = {
        "incident_id": incident.pk,
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "title": incident.title,
        "summary": incident.summary,
        "group": None,
        "stations": incident.affected.count(),
        "identities": tuple(row.station.identity for row in incident.affected.all()),
        "evse_id": None,
        "occurrences": 1,
        "began_at": incident.first_at,
        "assignee": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
        "resolved_by": None,
        "resolved_at": None,
        "resolution": None,
    }
    events.record(Subject(network_id=incident.network_id), kind(**data | more))


def run(at=0.0):
    """The worker's task runs at a time."""
    with clock.at(after(at)):
        telling.read_all()
        letters.compose_all()
        letters.send_all()


def test_an_incident_is_told_in_text_and_html_once(network, alpha, kept):
    route(network)
    incident = opened(network, stations=[alpha])
    run()
    run()
    (letter,) = kept.letters
    assert letter["Subject"] == "[major] opened: alpha is offline"
    assert (letter["To"], letter["From"]) == ("alice@example.org", "Emobi <noc@example.org>")
    assert letter["Message-ID"] == Letter.objects.get().message_id
    text = letter.get_body(("plain",)).get_content()
    assert "It said nothing." in text
    assert "Stations (1): alpha" in text
    assert f"/incidents/{incident.pk}" in text
    assert "<h2>[major] opened: alpha is offline</h2>" in letter.get_body(("html",)).get_content()
    assert Letter.objects.get().state == LetterState.SENT


def test_what_a_charger_calls_itself_is_neither_markup_nor_a_header(network, kept):
    route(network)
    opened(network, title="<b>x</b>\r\nBcc: eve@example.org\u2028{{ dashboard }}")
    run()
    (letter,) = kept.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "[major] opened: <b>x</b> Bcc: eve@example.org {{ dashboard }}"
    html = letter.get_body(("html",)).get_content()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "{{ dashboard }}" in html


def test_an_address_that_would_be_a_header_is_refused(network):
    for address in ("a@example.org\nBcc: eve@example.org", "x", "", "a@b@c"):
        with pytest.raises(Invalid):
            route(network, recipients=[address])


def test_a_thousand_incidents_are_a_handful_of_letters(network, kept):
    route(network)
    for number in range(240):
        opened(network, number, title=f"CP{number} is offline", severity="critical")
        if number % 20 == 19:
            run(number)
    assert len(kept.letters) == 1
    assert kept.letters[0]["Subject"] == "[critical] 20 notifications"
    run(301 + 19)
    assert [letter["Subject"] for letter in kept.letters[1:]] == ["[critical] 220 notifications"]
    text = kept.letters[1].get_body(("plain",)).get_content()
    assert "… and 120 more." in text
    assert not Notification.objects.filter(letter=None).exists()


def test_up_to_five_come_one_by_one(network, kept):
    route(network)
    for number in range(5):
        opened(network, number, title=f"CP{number} is offline")
    run(10)
    assert len(kept.letters) == 5
    opened(network, 20)
    run(20)
    assert len(kept.letters) == 5
    run(10 + 300)
    assert len(kept.letters) == 6


def test_a_server_that_is_away_is_asked_again_with_the_same_message_id(network, kept, settings, server):
    route(network)
    opened(network)
    kept.answers.append("451 later")
    run(0)
    row = Letter.objects.get()
    assert (row.state, row.attempts, row.error) == (LetterState.WAITING, 1, "451 later")
    settings.MAILERS = {"default": env.mailer("X", "smtp://127.0.0.1:1")}
    run(31)
    row.refresh_from_db()
    assert (row.attempts, row.next_attempt_at) == (2, after(31 + 120))
    assert "can't be reached" in row.error
    settings.MAILERS = {"default": env.mailer("X", f"smtp://127.0.0.1:{server.port}")}
    run(60)
    assert kept.letters == []
    run(31 + 120)
    assert [letter["Message-ID"] for letter in kept.letters] == [row.message_id]


def test_what_a_server_refuses_for_good_is_said(network, kept):
    route(network)
    opened(network)
    kept.answers.append("550 nobody of that name")
    run()
    row = Letter.objects.get()
    assert (row.state, row.error) == (LetterState.FAILED, "550 nobody of that name")
    with clock.at(after(60)):
        assert letters.again(network, row.pk)
    run(60)
    assert len(kept.letters) == 1


def test_without_a_mail_server_letters_wait_and_the_route_says_so(network, settings):
    made = route(network)
    assert "EMOBI_EMAIL_URL" in routes.problem(made)
    opened(network)
    run()
    row = Letter.objects.get()
    assert (row.state, row.attempts, row.error) == (LetterState.WAITING, 0, routes.NO_MAIL_SERVER)
    assert mail.outbox == []
    settings.EMOBI_EMAIL_URL = "smtp://set.example.org"
    assert routes.problem(made) is None
    run(61)
    assert [letter.subject for letter in mail.outbox] == [row.subject]


def test_a_worker_that_died_with_a_letter_leaves_it_to_another(network, kept):
    route(network)
    opened(network)
    with clock.at(NOON):
        telling.read_all()
        letters.compose_all()
        assert letters._claim() is not None
        assert letters._claim() is None
    run(119)
    assert kept.letters == []
    run(121)
    assert len(kept.letters) == 1


def test_routes_let_through_what_they_say(network, alpha, bravo, kept):
    Station.objects.filter(pk=alpha.pk).update(site="Harbour", tags=["vip"])
    route(network, name="critical", severities=["critical"], recipients=["c@example.org"])
    route(network, name="harbour", sites=["Harbour"], recipients=["h@example.org"])
    route(network, name="vip faults", tags=["vip"], kinds=["fault"], recipients=["v@example.org"])
    route(network, name="off", enabled=False, recipients=["o@example.org"])
    opened(network, stations=[alpha, bravo])
    run()
    assert [letter["To"] for letter in kept.letters] == ["h@example.org"]
    opened(network, stations=[bravo], severity="critical", kind="fault")
    run(1)
    assert [letter["To"] for letter in kept.letters[1:]] == ["c@example.org"]


def test_the_end_is_told_to_those_who_want_it(network, kept):
    route(network)
    route(network, name="begins", on_resolved=False, recipients=["b@example.org"])
    incident = opened(network)
    with clock.at(after(60)), unit_of_work.begin():
        told(incident, events.IncidentResolved, resolution="by_itself", resolved_at=after(60))
    run(60)
    subjects = [(letter["To"], letter["Subject"].partition(":")[0]) for letter in kept.letters]
    assert sorted(subjects) == [
        ("alice@example.org", "[major] opened"),
        ("alice@example.org", "[major] resolved"),
        ("b@example.org", "[major] opened"),
    ]


def test_quiet_hours_hold_all_but_what_is_critical_and_a_digest_gathers(network, kept):
    # Noon in UTC is 14:00 in Berlin in May.
    quiet = {
        "quiet_from": NOON.time().replace(hour=13),
        "quiet_to": NOON.time().replace(hour=15),
        "time_zone": "Europe/Berlin",
    }
    route(network, **quiet)
    route(network, name="digest", digest_s=600, recipients=["d@example.org"])
    opened(network, 0, title="one")
    opened(network, 1, title="two")
    run(2)
    assert kept.letters == []
    opened(network, 3, severity="critical", title="three")
    run(3)
    assert {letter["Subject"] for letter in kept.letters} == {"[critical] opened: three"}
    run(602)
    assert [(letter["To"], letter["Subject"]) for letter in kept.letters[2:]] == [
        ("d@example.org", "[major] 2 notifications")
    ]
    run(3600)
    assert [letter["To"] for letter in kept.letters[3:]] == ["alice@example.org"] * 2


def test_a_digest_has_all_that_came_since_the_first_of_it(network, kept):
    route(network, digest_s=3600)
    for number in range(7):
        opened(network, number * 600 + 1, title=f"CP{number} is offline")
        run(number * 600 + 1)
    assert [letter["Subject"] for letter in kept.letters] == ["[major] 7 notifications"]
    opened(network, 3700, title="CP8 is offline")
    run(3700)
    opened(network, 3800, severity="critical", title="CP9 is offline")
    run(3800)
    assert [letter["Subject"] for letter in kept.letters[1:]] == ["[critical] opened: CP9 is offline"]
    run(3700 + 3600)
    assert [letter["Subject"] for letter in kept.letters[2:]] == ["[major] opened: CP8 is offline"]


@pytest.mark.parametrize(("at", "expected"), [(3599, 0), (3600, 2), (3700, 1)])
def test_a_late_digest_leaves_to_the_quiet_hours_what_they_hold(network, kept, at, expected):
    begin, end = (NOON + timedelta(seconds=3650)).time(), NOON.time().replace(hour=20)
    route(network, digest_s=3600, quiet_from=begin, quiet_to=end)
    for came in (0, 600):
        opened(network, came)
        run(came)
    run(at)
    assert Notification.objects.exclude(letter=None).count() == expected


def test_a_critical_incident_that_nobody_acknowledges_is_told_again(network, kept):
    route(network, remind_s=600)
    incident = opened(network, severity="critical")
    run(0)
    run(599)
    assert len(kept.letters) == 1
    run(601)
    run(700)
    assert kept.letters[1]["Subject"] == "[critical] not acknowledged: alpha is offline"
    run(1300)
    assert len(kept.letters) == 3
    Incident.objects.filter(pk=incident.pk).update(state="acknowledged")
    run(2000)
    assert len(kept.letters) == 3


def test_a_webhook_route_is_an_event(network):
    made = route(network, channel="webhook", recipients=[])
    incident = opened(network)
    run()
    run()
    (raised,) = Event.objects.filter(type="notification.raised")
    assert (raised.data["route_id"], raised.data["cause"]) == (made.pk, f"incident:{incident.pk}")
    assert not Letter.objects.exists()


def test_a_webhook_route_reminds_as_often_as_it_says_and_no_more(network):
    route(network, channel="webhook", recipients=[], remind_s=600)
    opened(network, severity="critical")
    for at in (0, 599, 601, 606, 611, 1199, 1201, 1206):
        run(at)
    raised = Event.objects.filter(type="notification.raised").order_by("sequence")
    assert [event.time for event in raised] == [NOON, after(601), after(1201)]
    with clock.at(NOON + timedelta(days=91)):
        letters.forget_the_old()
    assert not RaisedNotification.objects.exists()


def test_reminders_count_from_when_it_began_again(network, kept):
    route(network, remind_s=600)
    opened(network, severity="critical")
    run(0)
    run(601)
    assert len(kept.letters) == 2
    Incident.objects.update(reopened_at=after(86_400))
    run(86_400 + 599)
    assert len(kept.letters) == 2
    run(86_400 + 601)
    assert len(kept.letters) == 3


def test_a_new_route_isnt_told_of_what_was_before(network, kept):
    opened(network, -100)
    with clock.at(NOON):
        routes.create(network, {"name": "new", "recipients": ["n@example.org"]}, by="user:a")
    opened(network, 1)
    run(1)
    assert len(kept.letters) == 1


def test_somebody_else_tells_people_once_by_a_key(network, kept):
    with clock.at(NOON), unit_of_work.begin():
        for expected in (1, 0):
            count = telling.tell(
                network,
                "Playbook\nneeds you",
                "Step 3 failed.",
                cause="playbook_run:1",
                key="run 1 step 3",
                recipients=["p@example.org"],
            )
            assert count == expected
    with pytest.raises(Invalid), unit_of_work.begin():
        telling.tell(network, "x", "y", cause="z", recipients=["no address"])
    run()
    (letter,) = kept.letters
    assert letter["Subject"] == "Playbook needs you"
