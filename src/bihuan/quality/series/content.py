"""What a series is made of: the digest of its canonical content, its summary, its shape. Pure; numpy arrays in, plain values out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MOST_SHOWN = 500
CANONICAL_NAN = 0x7FF8000000000000
FORM = "bihuan-series/1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is read, in which step, in which unit, and what it was to be (in that unit)."""

    step: str
    name: str
    unit: str = ""
    set_point: float | None = None
    lower: float | None = None
    upper: float | None = None


def digest_of(one: Parameter, times: np.ndarray, values: np.ndarray) -> str:
    """SHA-256, in hex, of a line of JSON that says what was read, and of the points by ascending time.

    `times`: microseconds since 1970 in UTC; `values`: doubles, NaN for a blank. Both as 8 bytes each, little-endian, all times first;
    a blank is always 0x7ff8000000000000.
    """
    head = json.dumps(
        {
            "form": FORM, "lower": _said(one.lower), "parameter": one.name, "set_point": _said(one.set_point), "step": one.step,
            "unit": one.unit, "upper": _said(one.upper),
        },
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    found = sha256(head.encode() + b"\n")
    found.update(times.astype("<i8", copy=False).tobytes())
    found.update(canonical(values).tobytes())
    return found.hexdigest()


def canonical(values: np.ndarray) -> np.ndarray:
    """Little-endian doubles in which every blank has the same bits."""
    import numpy as np

    made = values.astype("<f8", copy=True)
    made.view("<u8")[np.isnan(made)] = CANONICAL_NAN
    return made


def _said(value: float | None) -> str | None:
    return None if value is None else repr(float(value))


def summary_of(one: Parameter, values: np.ndarray) -> dict[str, Any]:
    """Mean, median, standard deviation of a sample (n - 1), min, max of the points that are not blank; how many lie outside the limits.

    None where there are too few points, or where the figure is beyond what a double holds.
    """
    import numpy as np

    present = values[~np.isnan(values)]
    n = len(present)
    outside = 0
    if one.lower is not None:
        outside += int((present < one.lower).sum())
    if one.upper is not None:
        outside += int((present > one.upper).sum())
    with np.errstate(over="ignore", invalid="ignore"):
        return {
            "mean": finite(present.mean()) if n else None,
            "median": finite(np.median(present)) if n else None,
            "sd": finite(present.std(ddof=1)) if n > 1 else None,
            "min": finite(present.min()) if n else None,
            "max": finite(present.max()) if n else None,
            "outside": outside,
        }


def finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def shape_of(times: np.ndarray, values: np.ndarray, most: int = MOST_SHOWN) -> list[list[float]]:
    """At most that many points as [microseconds since the first time, value], by time.

    Longer series are parted into `most` / 2 stretches of as many points each, of which the lowest and the highest stay: no peak is lost.
    """
    import numpy as np

    there = np.flatnonzero(~np.isnan(values))
    if len(there) > most:
        bounds = np.linspace(0, len(there), most // 2 + 1).astype(np.int64)
        kept = set()
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            stretch = values[there[start:end]]
            kept |= {start + int(stretch.argmin()), start + int(stretch.argmax())}
        there = there[sorted(kept)]
    first = int(times[0]) if len(times) else 0
    return [
        [at - first, value] for at, value in zip(times[there].tolist(), values[there].tolist(), strict=True)
    ]
