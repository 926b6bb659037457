"""All that was asked of any station of the network: the list, and its file."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard import file_rows, statuses
from dashboard.access import Access, page, viewer
from dashboard.commands import command_rows, command_search, command_standing, command_words
from dashboard.commands.command_search import CommandSearch
from dashboard.saved_views.defaults import opens_by_default
from stations.models import CommandState

# What can be chosen, by the words of the search.
STATES = (
    ("open", "Under way"),
    ("unsuccessful", "Ended without success"),
    *((each.value, statuses.COMMAND[each].word) for each in CommandState),
)
EFFECTS = (
    *((name, shown.word) for name, shown in command_rows.EFFECTS.items()),
    (command_search.NONE, command_rows.NOT_FOLLOWED.word),
)
ASKERS = tuple((kind, asker.all) for kind, asker in command_search.ASKERS.items())
COMMANDS = tuple(
    sorted(((name, words.title) for name, words in command_words.WORDS.items()), key=lambda each: each[1])
)


@require_safe
@viewer
@opens_by_default("all-commands")
def command_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = _listing(request, access)
    context |= {"states": STATES, "effects": EFFECTS, "askers": ASKERS, "commands": COMMANDS}
    return page(request, access, "dashboard/commands/list.html", context)


@require_safe
@viewer
def command_rows_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The list alone; where another filter was chosen the browser's address follows."""
    context = _listing(request, access)
    response = page(request, access, "dashboard/commands/_list.html", context)
    if request.headers.get("HX-Trigger") == "filters":
        response["HX-Push-Url"] = reverse("dashboard:all-commands") + context["search"].query
    return response


@require_safe
@viewer
def export(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse:
    """All that the filter finds, as a file that is named for it."""
    search = CommandSearch.read(request.GET.dict())
    read = partial(command_rows.exported, access.network, search)
    return file_rows.answer(
        request,
        access,
        kind,
        command_rows.EXPORT_COLUMNS,
        read,
        "commands",
        access.network.slug,
        search.written,
    )


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    search = CommandSearch.read(request.GET.dict())
    listing = command_rows.page(access.network, search)
    return {
        "search": search,
        "listing": listing,
        "rows": [(row, row.href(access.role)) for row in listing.rows],
        "topic": command_standing.topic(search, listing.rows),
        "lives": command_standing.lives_topic(listing.rows),
        "first": search.from_("") if search.after else None,
        "section": "stations",
    }
