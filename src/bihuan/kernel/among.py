"""`field__among=ids`: very many whole numbers as one parameter, where `__in` sends one each.

Neither database takes a hundred thousand parameters. On PostgreSQL the numbers are asked as one sorted array: an `IN` over
the array's rows is taken for 200 of them however many there are, and a hundred thousand lots are then found one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, ForeignObject, Lookup


class Among(Lookup):
    """Whether a whole number, or what a foreign key refers to, is one of those given; of none, nothing is."""

    lookup_name = "among"
    prepare_rhs = False

    def get_prep_lookup(self) -> list[int]:
        wanted: Iterable[int] = self.rhs
        return sorted(wanted)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        rows, told = rows_of(self.rhs, connection)
        # An array asked for apart, so that the planner neither counts the numbers nor copies them into its plan.
        among = f"= ANY(ARRAY({rows}))" if connection.vendor == "postgresql" else f"IN ({rows})"
        return f"{column} {among}", (*values, *told)


def rows_of(numbers: Iterable[int], connection: Any) -> tuple[str, list[str]]:
    """A query that gives these numbers as rows, smallest first, and its one parameter: text, which the drivers pass on fastest."""
    told = ",".join(map(str, sorted(numbers)))
    if connection.vendor == "postgresql":
        return "SELECT unnest(%s::bigint[])", [f"{{{told}}}"]
    return "SELECT value FROM json_each(%s)", [f"[{told}]"]


def register() -> None:
    for kind in (Field, ForeignObject):
        kind.register_lookup(Among)
