"""A stream of rows parted by lot, within bounded memory: what does not fit waits in a temporary folder, one file a lot."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MOST_CELLS = 8_000_000  # 64 MB


class Gatherer:
    """Takes batches of rows and gives them back lot by lot, each by ascending time; rows of one time keep the order they came in.

    All of one lot's rows are held in memory when they are given back: 8 bytes a cell, twice while they are sorted.
    """

    def __init__(self, most_cells: int = MOST_CELLS) -> None:
        self._most, self._cells = most_cells, 0
        self._waiting: dict[Hashable, list[np.ndarray]] = {}
        self._files: dict[Hashable, Path] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="bihuan-series-")

    def close(self) -> None:
        self._folder.cleanup()

    def take(self, key: Any, times: np.ndarray, values: list[np.ndarray]) -> None:
        """`times`: microseconds since 1970 in UTC; `values`: one array of doubles a parameter."""
        import numpy as np

        matrix = np.empty((len(values) + 1, len(times)), np.int64)
        matrix[0] = times
        for place, one in enumerate(values, 1):
            matrix[place] = one.view(np.int64)
        self._waiting.setdefault(key, []).append(matrix.T)
        self._cells += matrix.size
        if self._cells > self._most:
            self._spill()

    def _spill(self) -> None:
        import numpy as np

        for key, several in self._waiting.items():
            path = self._files.setdefault(key, Path(self._folder.name) / str(len(self._files)))
            with path.open("ab") as file:
                for one in several:
                    file.write(np.ascontiguousarray(one).tobytes())
        self._waiting.clear()
        self._cells = 0

    def lots(self, width: int) -> Iterator[tuple[Any, np.ndarray, list[np.ndarray], int]]:
        """(key, times, values by parameter, how many rows came after a later one); `width` parameters."""
        import numpy as np

        for key in dict.fromkeys([*self._files, *self._waiting]):
            parts = []
            path = self._files.pop(key, None)
            if path is not None:
                parts.append(np.fromfile(path, np.int64).reshape(-1, width + 1))
                path.unlink()
            parts += self._waiting.pop(key, [])
            matrix = parts[0] if len(parts) == 1 else np.concatenate(parts)
            del parts
            times = np.ascontiguousarray(matrix[:, 0])
            late = int((np.diff(times) < 0).sum())
            order = np.argsort(times, kind="stable") if late else slice(None)
            values = [np.ascontiguousarray(matrix[:, at + 1]).view(np.float64)[order] for at in range(width)]
            yield key, times[order], values, late
