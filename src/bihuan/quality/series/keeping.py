"""Keeping series: a file in the lake, a row a parameter, summaries as readings, news of it. In the caller's transaction.

A series that is there with the same content stays as it is; one with another content is refused: what was sealed is not replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bihuan.kernel.outbox import publish

from ..models import Lot, ProcessReading, ReadingSeries
from .content import Parameter, digest_of, shape_of, summary_of
from .files import file_name, place_of, remove_files, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STATISTICS = ("mean", "median", "sd", "min", "max")


@dataclass(slots=True)
class Outcome:
    """`created`, `unchanged`: how many series; `refused`: those that are sealed with other content."""

    created: int = 0
    unchanged: int = 0
    refused: list[Parameter] = field(default_factory=list)
    readings: int = 0


def moment_at(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))


class SeriesKeeper:
    """Writes series of lots. `forget` removes the files it wrote where the transaction comes to nothing."""

    def __init__(self, *, import_id: int | None, now: datetime) -> None:
        self.import_id, self.now = import_id, now
        self.written: list[str] = []

    def keep(
        self, lot: Lot, parameters: Sequence[Parameter], times: np.ndarray, columns: Sequence[np.ndarray]
    ) -> Outcome:
        """`times` ascend, in microseconds since 1970 in UTC, at least one; `columns` are doubles by parameter, NaN for a blank. Names of
        the parameters differ."""
        outcome = Outcome()
        known = {
            (one.step, one.parameter): one.digest
            for one in ReadingSeries.objects.filter(lot=lot).only("step", "parameter", "digest")
        }
        fresh: list[tuple[Parameter, np.ndarray, str]] = []
        for one, values in zip(parameters, columns, strict=True):
            digest = digest_of(one, times, values)
            there = known.get((one.step, one.name))
            if there is None:
                fresh.append((one, values, digest))
            elif there == digest:
                outcome.unchanged += 1
            else:
                outcome.refused.append(one)
        if not fresh:
            return outcome
        file = file_name(lot.pk, [digest for _one, _values, digest in fresh])
        path = place_of(file)
        if path is not None and not path.exists():
            self.written.append(file)
        sha256 = write_file(file, times, [(one.name, values) for one, values, _digest in fresh])
        rows = [self._row(lot, one, times, values, digest, file, sha256) for one, values, digest in fresh]
        ReadingSeries.objects.bulk_create(rows, batch_size=50)
        outcome.created = len(rows)
        outcome.readings = self._summaries(lot, rows)
        made = ReadingSeries.objects.filter(lot=lot, file=file).order_by("id")
        publish(
            "lot.series_sealed",
            {"lot": lot.pk, "series": list(made.values_list("pk", flat=True))},
            now=self.now,
        )
        return outcome

    def _row(
        self,
        lot: Lot,
        one: Parameter,
        times: np.ndarray,
        values: np.ndarray,
        digest: str,
        file: str,
        sha256: str,
    ) -> ReadingSeries:
        import numpy as np

        return ReadingSeries(
            lot=lot, step=one.step, parameter=one.name, unit=one.unit, set_point=one.set_point, lower=one.lower,
            upper=one.upper, first_at=moment_at(times[0]), last_at=moment_at(times[-1]), count=len(times),
            blank=int(np.isnan(values).sum()), summary=summary_of(one, values), shape=shape_of(times, values),
            file=file, sha256=sha256, digest=digest, sealed_at=self.now, import_id=self.import_id,
        )  # fmt: skip

    def _summaries(self, lot: Lot, rows: Sequence[ReadingSeries]) -> int:
        """Summaries as readings of the lot, where nothing of that name was given."""
        known = set(ProcessReading.objects.filter(lot=lot).values_list("step", "parameter", "statistic"))
        fresh = [
            ProcessReading(
                lot=lot, step=one.step, parameter=one.parameter, statistic=name, value=value, said=written(value),
                unit=one.unit, set_point=one.set_point, lower=one.lower, upper=one.upper, import_id=self.import_id,
            )
            for one in rows
            for name in STATISTICS
            if (value := one.summary[name]) is not None and (one.step, one.parameter, name) not in known
        ]  # fmt: skip
        ProcessReading.objects.bulk_create(fresh, batch_size=500)
        return len(fresh)

    def forget(self) -> None:
        remove_files(self.written)
        self.written.clear()


def written(value: Any) -> str:
    """Six digits that count, without an exponent where that is short."""
    text = f"{value:.6g}"
    return (
        text if "e" not in text or not 1e-6 <= abs(value) < 1e12 else f"{value:.6f}".rstrip("0").rstrip(".")
    )


def remove_unused(files: set[str]) -> None:
    """Remove those of the files that no row refers to any more."""
    remove_files(files - set(ReadingSeries.objects.filter(file__in=files).values_list("file", flat=True)))
