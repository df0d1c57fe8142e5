"""A moment as the whole number of microseconds since 1970 that `kernel.clocks` reckons with, made by the database.

Exact on both; thousands of rows are read without making a datetime of each.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func


class Micros(Func):
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Moments stand there as text in UTC, with six digits after the second or none."""
        whole, ahead = compiler.compile(self.source_expressions[0])
        sql = (
            f"(CAST(strftime('%%s', {whole}) AS INTEGER) * 1000000"
            f" + CAST(substr(substr({whole}, 21) || '000000', 1, 6) AS INTEGER))"
        )
        return sql, [*ahead, *ahead]

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        whole, ahead = compiler.compile(self.source_expressions[0])
        return f"(EXTRACT(EPOCH FROM {whole}) * 1000000)::bigint", ahead
