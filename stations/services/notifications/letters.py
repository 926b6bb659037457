"""Notifications that are due become letters, and letters are sent: rows first, the mail server outside of any
transaction.

Damping: a recipient gets at most `MOST_LETTERS` letters in a `WINDOW`; what is more comes together, a digest
every `PAUSE`, however much that is.
"""

import smtplib
import ssl
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from emobi.core import claims, clock, ulid
from emobi.core.models import Network
from emobi.core.walls import apart
from stations.models import (
    Letter,
    LetterState,
    Notification,
    NotificationReader,
    RaisedNotification,
    Severity,
)
from stations.notifications import (
    GIVE_UP_AFTER,
    MOST_LETTERS,
    PAUSE,
    WINDOW,
    after_quiet_hours,
    retry_after,
)
from stations.services.notifications.routes import NO_MAIL_SERVER

# Of a digest; the others are counted.
MOST_SHOWN = 100
AT_ONCE = 50
# A worker that takes a letter has so long to send it before another one does.
LEASE = timedelta(minutes=2)
# Letters are sent by one at a time, for so long and the letter that is under way then: a mail server that
# hangs is to hold one of the worker's processes, and not for long.
SENDS_FOR_S = 10.0
# Without a mail server letters are looked at so often.
PATIENCE = timedelta(minutes=1)
LETTERS_KEPT_FOR = timedelta(days=90)


def compose_all() -> None:
    """Make letters of what is due. Safe to run any time, and twice at once."""
    due = Notification.objects.filter(letter=None, due_at__lte=clock.now())
    for network_id in due.order_by().values_list("network_id", flat=True).distinct():
        with apart(network_id, "letters"):
            compose(network_id)


def compose(network_id: int) -> None:
    """Make letters of what is due in a network."""
    now = clock.now()
    NotificationReader.objects.get_or_create(network_id=network_id, defaults={"sequence": 0})
    with transaction.atomic():
        # Whoever holds it is the only one who composes.
        held = NotificationReader.objects.select_for_update(skip_locked=True, no_key=True)
        if held.filter(network_id=network_id).first() is None:
            return
        waiting: dict[str, list[Notification]] = defaultdict(list)
        due = Notification.objects.filter(network_id=network_id, letter=None, due_at__lte=now)
        for one in due.select_related("route").order_by("due_at", "pk"):
            waiting[one.recipient].append(one)
        for recipient, found in waiting.items():
            _compose(network_id, recipient, found + _gathered(network_id, recipient, found, now), now)


def _gathered(
    network_id: int, recipient: str, due: Sequence[Notification], now: datetime
) -> list[Notification]:
    """What came after the first of a digest, whose time is up: it isn't to wait for a time of its own."""
    digests = {
        one.route
        for one in due
        if one.route is not None and one.route.digest_s and one.severity != Severity.CRITICAL
    }
    # A digest that is late isn't to bring what the quiet hours hold since they began.
    awake = [route.pk for route in digests if after_quiet_hours(route, now) == now]
    waiting = Notification.objects.filter(
        network_id=network_id, letter=None, due_at__gt=now, recipient=recipient, route__in=awake
    )
    return list(waiting.select_related("route").order_by("due_at", "pk")) if awake else []


def _compose(network_id: int, recipient: str, found: list[Notification], now: datetime) -> None:
    lately = list(
        Letter.objects.filter(network_id=network_id, recipient=recipient, created_at__gt=now - WINDOW)
        .order_by("-created_at")
        .values_list("created_at", flat=True)
    )
    gathered = [one for one in found if one.route is not None and one.route.digest_s]
    single = [one for one in found if one not in gathered]
    if len(lately) + len(single) + bool(gathered) <= MOST_LETTERS:
        for one in single:
            _write(network_id, recipient, [one], now)
        if gathered:
            _write(network_id, recipient, gathered, now)
    elif not lately or now - lately[0] >= PAUSE:
        _write(network_id, recipient, found, now)


def _write(network_id: int, recipient: str, told: Sequence[Notification], now: datetime) -> None:
    letter_id = ulid.new()
    worst = min((one.severity for one in told), key=_rank)
    subject = told[0].subject if len(told) == 1 else f"[{worst}] {len(told)} notifications"
    domain = parseaddr(settings.EMOBI_EMAIL_FROM)[1].rpartition("@")[2] or "localhost"
    letter = Letter.objects.create(
        id=letter_id,
        network_id=network_id,
        recipient=recipient,
        subject=subject,
        message_id=f"<{letter_id.lower()}@{domain}>",
        next_attempt_at=now,
        created_at=now,
    )
    Notification.objects.filter(pk__in=[one.pk for one in told]).update(letter=letter)


def _rank(severity: str) -> int:
    known = ("critical", "major", "minor", "info")
    return known.index(severity) if severity in known else len(known)


def send_all(within_s: float = SENDS_FOR_S) -> int:
    """Send letters that are due; how many went out. Safe to run any time, and twice at once.

    What is left when the time is over is for the next call, and where another one sends, all is left to it.
    """
    until = time.monotonic() + within_s
    sent = 0
    with claims.alone("letters") as ours:
        while ours and (letter := _claim()):
            sent += _send(letter)
            if time.monotonic() >= until:
                break
    return sent


def _claim() -> Letter | None:
    now = clock.now()
    with transaction.atomic():
        letter = (
            Letter.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("network")
            .filter(state=LetterState.WAITING, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "pk")
            .first()
        )
        if letter is None:
            return None
        letter.next_attempt_at = now + LEASE
        letter.save(update_fields=["next_attempt_at"])
    return letter


def _send(letter: Letter) -> bool:
    if not settings.EMOBI_EMAIL_URL:
        _failed(letter, NO_MAIL_SERVER, wait=PATIENCE, counts=False)
        return False
    try:
        message(letter).send(using="default")
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refused:
        code, words = _answer(refused)
        # 5xx: trying again would be told the same.
        _failed(letter, f"{code} {words}", final=500 <= code < 600 and code not in (530, 535))
    except (OSError, ssl.SSLError, smtplib.SMTPException) as exc:
        _failed(letter, f"The mail server can't be reached: {exc}")
    else:
        _settle(letter, LetterState.SENT, "")
        return True
    return False


def _answer(refused: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> tuple[int, str]:
    answer: tuple[int, bytes | str]
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        answer = next(iter(refused.recipients.values()))
    else:
        answer = refused.smtp_code, refused.smtp_error
    code, words = answer
    return code, words.decode(errors="replace") if isinstance(words, bytes) else words


def _failed(
    letter: Letter, why: str, *, final: bool = False, wait: timedelta | None = None, counts: bool = True
) -> None:
    letter.attempts += counts
    if final or clock.now() - letter.created_at > GIVE_UP_AFTER:
        _settle(letter, LetterState.FAILED, why)
        return
    letter.next_attempt_at = clock.now() + (wait or retry_after(letter.attempts))
    letter.error = why[:300]
    letter.save(update_fields=["attempts", "next_attempt_at", "error"])


def _settle(letter: Letter, state: LetterState, error: str) -> None:
    letter.state, letter.error, letter.ended_at = state, error[:300], clock.now()
    letter.save(update_fields=["state", "error", "ended_at", "attempts"])


def message(letter: Letter) -> EmailMultiAlternatives:
    """A letter as it is sent: plain text, and HTML beside it. The same each time."""
    told = list(letter.notifications.order_by("created_at", "pk")[:MOST_SHOWN])
    for one in told:
        one.url = f"{dashboard_url()}{one.path}" if one.path else ""  # type: ignore[attr-defined]
    context = {
        "network": letter.network,
        "notifications": told,
        "more": letter.notifications.count() - len(told),
        "subject": letter.subject,
        "dashboard": dashboard_url(),
    }
    made = EmailMultiAlternatives(
        letter.subject,
        render_to_string("stations/letter.txt", context),
        settings.EMOBI_EMAIL_FROM,
        [letter.recipient],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )
    made.attach_alternative(render_to_string("stations/letter.html", context), "text/html")
    return made


def dashboard_url() -> str:
    """Where the dashboard is, as far as we know."""
    return settings.EMOBI_PUBLIC_URL or f"http://{settings.EMOBI_BIND}"


def again(network: Network, letter_id: str) -> bool:
    """Try one again that was given up; whether there was one."""
    return bool(
        Letter.objects.filter(network=network, pk=letter_id, state=LetterState.FAILED).update(
            state=LetterState.WAITING,
            attempts=0,
            ended_at=None,
            next_attempt_at=clock.now(),
            created_at=clock.now(),
        )
    )


def forget_the_old() -> None:
    """Forget letters that ended long ago, with what they told, and which events were raised as long ago."""
    Letter.objects.filter(ended_at__lt=clock.now() - LETTERS_KEPT_FOR).delete()
    RaisedNotification.objects.filter(at__lt=clock.now() - LETTERS_KEPT_FOR).delete()
