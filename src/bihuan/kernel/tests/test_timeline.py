"""The timeline loses nothing between its pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.pages.registry import Happening
from bihuan.kernel.pages.views import TIMELINE_STEP, whole_days

FIRST = date(2026, 1, 1)


@given(
    st.lists(st.integers(0, 20), max_size=90).filter(
        lambda days: all(days.count(one) <= TIMELINE_STEP for one in days)
    )
)
def test_page_after_page_shows_each_happening_once(days: list[int]):
    everything = [Happening(FIRST + timedelta(days=day), str(number), "x") for number, day in enumerate(days)]
    seen: list[Happening] = []
    before = FIRST + timedelta(days=99)
    for _page in range(100):
        # as a source that knows dates: strictly before the day, newest first, no more than asked for
        source = sorted((one for one in everything if one.at < before), key=lambda one: one.at, reverse=True)
        shown, further = whole_days(source[: TIMELINE_STEP + 1])
        seen += shown
        if not further:
            break
        before = datetime.fromisoformat(further).date()
    assert sorted(one.title for one in seen) == sorted(one.title for one in everything)
    assert [one.at for one in seen] == sorted((one.at for one in seen), reverse=True)
