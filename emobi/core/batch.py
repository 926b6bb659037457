"""Many rows in one statement: a prepared statement over a single jsonb parameter.

Django binds parameters on the client and prepares nothing, so a bare psycopg cursor runs these on Django's
own connection, in the transaction that is open there: 4 microseconds a row where the ORM takes hundreds.

A plan is made once and kept. Before PostgreSQL has figures of a table, all of its rows look as cheap as the
one that a key finds, so rows are looked up by `CROSS JOIN LATERAL (SELECT … WHERE id = wanted.id OFFSET 0)`:
there is no other way round through that.

Several go in one trip, by psycopg's pipeline: each wait for PostgreSQL costs a thread its turn at Python's
lock, and getting it back takes longer than most statements.
"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, JSONField, Model
from django.db.models.base import ModelState
from psycopg.pq import Format

# A statement, and the rows that are its one parameter, a jsonb array.
type Query = tuple[str, Sequence[object]]
type Found = list[tuple[Any, ...]]


def execute(statement: str, rows: Sequence[object]) -> Found:
    """Run ``statement`` with ``rows`` as its one parameter, a jsonb array; return what it returns.

    Decimals are written as text, which every numeric column reads without loss.

    Raises:
        django.db.DatabaseError: As for any query.
    """
    return execute_all([(statement, rows)])[0]


def execute_all(queries: Sequence[Query], *, commit: bool = False) -> list[Found]:
    """Run several statements in their order, in one trip to the database; what each returns.

    Args:
        commit: Commit the transaction in the same trip, so that what the statements lock is held no longer
            than PostgreSQL needs. Django's own commit then finds nothing to do.

    Raises:
        django.db.DatabaseError: Of the first that fails; those behind it weren't run, nor is the commit.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    wrapper.ensure_connection()
    raw = wrapper.connection
    with wrapper.wrap_database_errors:
        if len(queries) == 1 and not commit:
            return [_found(_sent(raw, *queries[0]))]
        with raw.pipeline():
            cursors = [_sent(raw, *query) for query in queries]
            if commit:
                psycopg.Cursor(raw).execute("COMMIT")
        return [_found(cursor) for cursor in cursors]


# Django reads each time with the driver's loader and then sets its zone, in Python: that takes five times as
# long, for the zone that it has already.
_TIMESTAMPS = psycopg.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, Format.TEXT)


def _sent(raw: Any, statement: str, rows: Sequence[object]) -> psycopg.Cursor[Any]:  # noqa: ANN401 - untyped
    cursor: psycopg.Cursor[Any] = psycopg.Cursor(raw)
    if _TIMESTAMPS is not None:
        cursor.adapters.register_loader("timestamptz", _TIMESTAMPS)
    cursor.execute(statement, (orjson.dumps(rows, default=_decimal).decode(),), prepare=True)
    return cursor


def _found(cursor: psycopg.Cursor[Any]) -> Found:
    # Its description would be made anew for the asking, column by column.
    result = cursor.pgresult
    return cursor.fetchall() if result is not None and result.nfields else []


def columns(model: type[Model], table: str, *, only: Collection[str] = ()) -> str:
    """The columns of a model for a SELECT, as `instances` wants them; ``table`` is its name or alias there.

    ``only`` names the fields, if not all of them are wanted.
    """
    return ", ".join(f'{table}."{field.column}"' for field in _fields(model, only))


def read[M: Model](
    model: type[M], statement: str, rows: Sequence[object], *, also: Sequence[str] = ()
) -> list[M]:
    """Instances of ``model`` from a statement that selects its `columns`; else as `execute`.

    ``also`` names attributes for what it selects after the columns.
    """
    return instances(model, execute(statement, rows), also=also)


def instances[M: Model](
    model: type[M],
    rows: Iterable[tuple[Any, ...]],
    *,
    also: Sequence[str] = (),
    only: Collection[str] = (),
) -> list[M]:
    """The same from what such a statement returned; what isn't among ``only`` is read when it is asked for.

    ``__init__`` and its signals are left out: they cost four times as much as the rest.
    """
    fields = _fields(model, only)
    names = [*(field.attname for field in fields), *also]
    # Django has the driver leave JSON as text.
    texts = [position for position, field in enumerate(fields) if isinstance(field, JSONField)]
    made: list[M] = []
    for row in rows:
        values = list(row)
        for position in texts:
            values[position] = orjson.loads(values[position] or b"null")
        instance = model.__new__(model)
        instance.__dict__.update(zip(names, values, strict=True))
        instance._state = ModelState()
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
        made.append(instance)
    return made


def _fields(model: type[Model], only: Collection[str]) -> "Sequence[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not only or field.attname in only]


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
