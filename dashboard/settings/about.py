"""What Emobi is made of, and under which licences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer

# A licence's name is this long; some packages write its whole text there.
LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Package:
    """An installed package; ``licence`` "" where it doesn't name one."""

    name: str
    version: str
    licence: str


@require_safe
@viewer
def about(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = {"section": "settings", "tab": "about", "packages": _packages()}
    return page(request, access, "dashboard/settings/about.html", context)


@cache
def _packages() -> Sequence[Package]:
    """Those of this environment, by name; they don't change while the process runs."""
    found = {
        each.name.lower(): Package(name=each.name, version=each.version, licence=_licence(each.metadata))
        for each in metadata.distributions()
    }
    return [found[name] for name in sorted(found)]


def _licence(said: metadata.PackageMetadata) -> str:
    """What a package says of it: an SPDX expression, else a word, else what it is classified as."""
    for field in ("License-Expression", "License"):
        text = (said[field] or "").strip() if field in said else ""
        if text and len(text) <= LONGEST and "\n" not in text:
            return text
    classified = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier") or ()
        if str(each).startswith("License :: ") and not str(each).endswith("OSI Approved")
    ]
    return ", ".join(classified)
