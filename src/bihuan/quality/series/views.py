"""A series as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import pgettext

from bihuan.kernel.pages import journal
from bihuan.kernel.pages.exports import Echo, tame
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .files import place_of
from .points import csv_of
from .queries import get_series


@page("lot_reading")
def series_file(request: PageRequest, identity: int, series: int) -> HttpResponseBase:
    """All points as CSV (UTF-8 with a mark, times in UTC), streamed; journalled as an export."""
    row = get_series(request.actor, identity, series)
    path = place_of(row.file)
    if path is None or not path.is_file():
        raise Http404(row.file)
    columns = [
        pgettext("reading", "Time (UTC)"),
        f"{row.parameter} ({row.unit})" if row.unit else row.parameter,
    ]
    journal.tell_export(
        request.actor, now(), page="lot_series", format="csv", columns=[row.parameter], rows=row.count,
        query=f"lot={row.lot_id}&series={row.pk}",
    )  # fmt: skip

    def lines() -> Iterator[bytes]:
        head: str = csv.writer(Echo()).writerow([tame(one) for one in columns])
        yield ("\ufeff" + head).encode()
        yield from csv_of(path, row.parameter)

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    name = f"{row.lot.product.code}-{row.lot.number}-{row.parameter}.csv".replace("/", "_")
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer
