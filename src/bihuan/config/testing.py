"""For pytest, loaded before Django's settings: tests get a home folder of their own, never that of a company in use."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("BIHUAN_SHARED_DATA") or REPOSITORY.parent / "shared/data")

if "PYTEST_XDIST_WORKER" not in os.environ:
    _home = tempfile.mkdtemp(prefix="bihuan-tests-")
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["BIHUAN_HOME"] = _home


def pytest_collection_finish() -> None:
    """What was loaded stays, and what tests make dies by counting: looking for cycles took a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """A file of the data sets beside the repository, by its path there; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"shared data absent: {name} (BIHUAN_SHARED_DATA names the folder)")
        return path

    return find


@pytest.fixture(autouse=True)
def language_of_the_company() -> Iterator[None]:
    """A page that a test asked for in English leaves no English behind for the next test."""
    from django.utils import translation

    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def words_of_no_industry() -> Iterator[None]:
    """A pack that a test installed lends its words to no other test."""
    from bihuan.packs.queries import forget_installed_pack
    from bihuan.packs.wording import speak_plainly
    from bihuan.segmentation.panels_columns import forget_policies

    forget_installed_pack()
    forget_policies()
    yield
    forget_installed_pack()
    speak_plainly()
