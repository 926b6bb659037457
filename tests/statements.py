"""Counts what is sent to the database: by Django, and in batches past it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from emobi.core import batch


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of the block, each as it is sent."""
    sent: list[str] = []
    execute_all = batch.execute_all

    def counting(queries, **options):
        sent.extend(statement for statement, _ in queries)
        return execute_all(queries, **options)

    def through_django(run, sql, params, many, context):
        sent.append(sql)
        return run(sql, params, many, context)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(through_django):
        patch.setattr(batch, "execute_all", counting)
        yield sent
