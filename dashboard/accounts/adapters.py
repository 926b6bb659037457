"""What django-allauth asks us: who may sign up, where somebody comes from, whom to tell of a change."""

from typing import Any, override

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.safestring import mark_safe

from dashboard import access
from dashboard.accounts.sign_in_audit import note
from dashboard.addresses import client_address

# A request by a unix socket has no address.
NOWHERE = "0.0.0.0"

# What allauth would tell somebody by mail is what the audit log is to know.
AUDITED = {
    "account/email/password_changed": "user.password_changed",
    "account/email/password_set": "user.password_changed",
    "mfa/email/totp_activated": "user.totp_added",
    "mfa/email/totp_deactivated": "user.totp_removed",
    "mfa/email/recovery_codes_generated": "user.recovery_codes_made",
    "mfa/email/webauthn_added": "user.passkey_added",
    "mfa/email/webauthn_removed": "user.passkey_removed",
}
# Everybody sees that they are signed in.
UNSAID = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth comes without types
    """Accounts are made by administrators."""

    @override
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @override
    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or NOWHERE

    @override
    def login(self, request: HttpRequest, user: User) -> None:
        # The session of a screen on a wall becomes a person's: it mustn't last as long as the screen's did.
        request.session.pop(access.WALL_KEY, None)
        request.session.set_expiry(None)
        super().login(request, user)

    @override
    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().post_login(request, user, **kwargs)
        note(user.get_username(), "user.signed_in", client_address(request))
        return answer

    @override
    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if message_template not in UNSAID:
            super().add_message(request, level, message_template, *args, **kwargs)

    @override
    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        if action := AUDITED.get(template_prefix):
            note(user.get_username(), action, client_address(self.request))
        super().send_notification_mail(template_prefix, user, context, email)


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth comes without types
    """Codes and passkeys."""

    @override
    def build_totp_svg(self, url: str) -> str:
        """As SVG that may stand within a page: black on white in either theme."""
        return mark_safe(segno.make(url).svg_inline(scale=5, border=4, light="#fff"))
