"""Commands that set things up: also on a database that nobody has migrated yet; they refuse in one line."""

from abc import abstractmethod
from typing import Any, override

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from emobi.core.errors import Refused


class SetupCommand(BaseCommand):
    """Prints what `set_up` returns."""

    # `make check` does them; here they would only cost time.
    requires_system_checks = ()

    @abstractmethod
    def set_up(self, **options: Any) -> str:
        """Do it; return what to print."""

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        try:
            self.stdout.write(self.set_up(**options))
        except Refused as reason:
            raise CommandError(str(reason)) from reason
