"""Who is sent the report by e-mail: oneself, and for admins anybody."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.access import Access, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from emobi.core.errors import Forbidden, Invalid, Refused
from sessions.models import Every, ReportSubscription
from sessions.services import report_letters
from stations.services.notifications import telling

LARGEST_ID = 2**63 - 1


def context(access: Access) -> dict[str, Any]:
    """One's own subscriptions; an admin sees all. One query."""
    own = telling.address_of(access.user).lower()
    found = ReportSubscription.objects.filter(network=access.network).order_by("recipient", "every")
    return {
        "subscriptions": found if access.may_administer else found.filter(recipient=own) if own else [],
        "own_address": own,
        "every": Every.choices,
        "no_mail_server": not settings.EMOBI_EMAIL_URL,
    }


@require_POST
@viewer
def subscribe(request: HttpRequest, access: Access) -> HttpResponse:
    """Send it to oneself, or, as an admin, to whoever is named."""
    own = telling.address_of(access.user).lower()
    wanted = request.POST.get("recipient", "").strip().lower().replace("\0", "") or own
    try:
        if not wanted:
            raise Invalid("Your account has no e-mail address.", "recipient")
        if wanted != own and not access.may_administer:
            raise Forbidden("Others are sent it by an admin.")
        if request.POST.get("every") not in Every.values:
            raise Invalid("Say how often.", "every")
        report_letters.subscribe(
            access.network,
            wanted,
            Every(request.POST["every"]),
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{wanted} is sent the report from now on.")
    return redirect("dashboard:reports")


@require_POST
@viewer
def unsubscribe(request: HttpRequest, access: Access, subscription_id: int) -> HttpResponse:
    """Send it no more."""
    found = or_404(report_letters.get, access.network, min(subscription_id, LARGEST_ID))
    if found.recipient != telling.address_of(access.user).lower() and not access.may_administer:
        messages.error(request, "Others' letters are ended by an admin.")
    else:
        report_letters.unsubscribe(found, by=access.actor, address=client_address(request))
        messages.success(request, f"{found.recipient} is sent it no more.")
    return redirect("dashboard:reports")
