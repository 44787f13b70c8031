"""Vectors that somebody brought: taken as they are, no model asked."""

from __future__ import annotations

import numpy as np

from core.analyses.vectors import Vectors
from core.data.tables import Table, place
from core.data.uploads import own_table
from core.requests import OwnVectorsRequest
from core.types import Refused

GIVEN = "as given"  # the name of their only layer
GREATEST = 1e15  # size of a number: squares of greater ones, added up, are beyond float32


def own_vectors(request: OwnVectorsRequest) -> Vectors:
    """The vectors of a table, one layer; rows without one, or with a number that is none, make no point.

    Refused: the table is gone, a column holds no numbers, fewer than two rows have a vector.
    """
    table = own_table(request.table)
    known = dict(table.numbers)
    wrong = [title for title in request.embedding if title not in known]
    if wrong or not request.embedding:
        raise Refused(f"{table.name} has no numbers under {wrong[0] if wrong else 'nothing'!r}. Choose another column.")
    columns = [known[title] for title in request.embedding]
    values = columns[0] if len(columns) == 1 else np.concatenate(columns, axis=1)
    there = np.isfinite(values.sum(axis=1, dtype=np.float64))
    if there.sum() < 2:
        raise Refused(f"{table.name} has {there.sum()} vectors under {', '.join(request.embedding)}; give two or more.")
    owners = np.flatnonzero(there)
    if not there.all():
        values = values[there]
    _check_sizes(values, owners, request.embedding, table)
    return Vectors(
        request=request,
        names=(GIVEN,),
        layers=(0,),
        values=values[None],
        labels=tuple(f"row {row + 1}" for row in owners.tolist()),
        owners=owners,
        unknown=np.zeros(table.count, np.float32),
        empty=int(table.count - len(owners)),
    )


def _check_sizes(values: np.ndarray, owners: np.ndarray, columns: tuple[str, ...], table: Table) -> None:
    sizes = np.maximum(values.max(axis=1), -values.min(axis=1))
    if sizes.max() > GREATEST:
        row = int(owners[sizes.argmax()])
        raise Refused(
            f"{place(table, row)} of {table.name} holds {sizes.max():.2g} under {', '.join(columns)}; "
            f"numbers up to {GREATEST:.0e} are mapped. Divide all of them by it."
        )
