"""What an import tells beside its counts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext_lazy

_NOTICES: Mapping[str, Any] = {
    "invoice_two_times": ngettext_lazy(
        "%(count)s document has two times; the later one holds.",
        "%(count)s documents have two times; the later one holds.",
        "count",
    ),
    "invoice_two_countries": ngettext_lazy(
        "%(count)s document names two countries; the latest holds.",
        "%(count)s documents name two countries; the latest holds.",
        "count",
    ),
    "invoice_two_customers": ngettext_lazy(
        "%(count)s document names two customers; it keeps the latest, its lines keep their own.",
        "%(count)s documents name two customers; they keep the latest, their lines keep their own.",
        "count",
    ),
    "customer_two_countries": ngettext_lazy(
        "%(count)s customer was seen with two countries; the latest holds.",
        "%(count)s customers were seen with two countries; the latest holds.",
        "count",
    ),
    "record_repeated": ngettext_lazy(
        "%(count)s row speaks of a record that a later row speaks of again; the later one holds.",
        "%(count)s rows speak of records that later rows speak of again; the later ones hold.",
        "count",
    ),
    "unknown_person": ngettext_lazy(
        "%(count)s row names an owner whom nobody here knows; the owner was left out.",
        "%(count)s rows name owners whom nobody here knows; the owners were left out.",
        "count",
    ),
    "possible_duplicate": ngettext_lazy(
        "%(count)s new customer looks like one that is already there.",
        "%(count)s new customers look like ones that are already there.",
        "count",
    ),
    "blank_rows": ngettext_lazy(
        "%(count)s blank row was left out.", "%(count)s blank rows were left out.", "count"
    ),
    "total_rows": ngettext_lazy(
        "%(count)s row with a total was left out: sums are computed.",
        "%(count)s rows with totals were left out: sums are computed.",
        "count",
    ),
    "refusals_cut": ngettext_lazy(
        "%(count)s further refused row is counted but not in the workbook.",
        "%(count)s further refused rows are counted but not in the workbook.",
        "count",
    ),
    "date_order_assumed": ngettext_lazy(
        "The dates in “%(field)s” leave open which number is the month; they were read as %(order)s.",
        "The dates in “%(field)s” leave open which number is the month; they were read as %(order)s.",
        "count",
    ),
    "netted": ngettext_lazy(
        "%(count)s cancellation was set against the line that it cancels.",
        "%(count)s cancellations were set against the lines that they cancel.",
        "count",
    ),
}
_ORDERS = {"ymd": "Y-M-D", "mdy": "M/D/Y", "dmy": "D/M/Y"}


def notice_text(notice: Mapping[str, Any]) -> str:
    """The notice as a sentence, with examples."""
    params = {
        **notice,
        "count": int(notice.get("count") or 1),
        "order": _ORDERS.get(str(notice.get("order", "")), ""),
    }
    known = _NOTICES.get(notice["code"])
    text = notice["code"] if known is None else known % params
    examples = notice.get("examples")
    return f"{text} ({gettext('for example')}: {', '.join(map(str, examples))})" if examples else text
