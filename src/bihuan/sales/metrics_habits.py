"""What a customer's purchases consist of: products, concentration, customisation, share of wallet."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bihuan.kernel.analytics.expressions import money, ratio
from bihuan.kernel.analytics.registry import gettext_noop as _

from .metrics import declare
from .rowsets import WALLET_UNIT

if TYPE_CHECKING:
    import ibis.expr.types as ir


def diversity(rows: Any, as_of: date) -> ir.Value:
    amount = rows.amount.cast("float64")
    return 1.0 - ratio((amount * amount).sum(), money(rows.amount.sum())) / money(rows.amount.sum()).cast(
        "float64"
    )


def customisation(rows: Any, as_of: date) -> ir.Value:
    import ibis

    share = ratio(money(rows.amount.sum(where=rows.is_customised).fill_null(0)), money(rows.amount.sum()))
    return ibis.ifelse(rows.count(where=rows.is_graded) > 0, share, ibis.null("float64"))


def wallet_share(rows: Any, as_of: date) -> ir.Value:
    import ibis

    share = ratio(money(rows.revenue), rows.wallet) / float(WALLET_UNIT)
    return ibis.ifelse(share > 1.0, 1.0, ibis.ifelse(share < 0.0, 0.0, share))


declare(
    "product_count_12m",
    "count",
    _("Products bought, 12 months"),
    _("Products with positive revenue in the window, net of cancellations."),
    _("n(product: Σ amount > 0), ordered_on ∈ (D − 365 d, D]"),
    "order_lines.product_id, amount, ordered_on",
    lambda rows, as_of: rows.count(),
    over="sales.products_of_year",
    default=0,
)
declare(
    "product_diversity_12m",
    "fraction",
    _("Product diversity, 12 months"),
    _(
        "One minus the Herfindahl index of the products' revenue shares: 0 is one product, near 1 is many alike."
    ),
    _("1 − Σ sᵢ², sᵢ = product's share of revenue"),
    "order_lines.product_id, amount, ordered_on",
    diversity,
    over="sales.products_of_year",
)
declare(
    "concentration_12m",
    "fraction",
    _("Concentration, 12 months"),
    _("The largest product's share of the customer's revenue in the window."),
    _("max sᵢ, sᵢ = product's share of revenue"),
    "order_lines.product_id, amount, ordered_on",
    lambda rows, as_of: ratio(rows.amount.max(), money(rows.amount.sum())),
    over="sales.products_of_year",
)
declare(
    "customisation_share_12m",
    "fraction",
    _("Share of customised products, 12 months"),
    _(
        "Share of the revenue that is of products whose grade says custom or 定制. Known where at least one product "
        "bought has a grade."
    ),
    _("Σ amount(custom grade) ÷ Σ amount, ordered_on ∈ (D − 365 d, D]"),
    "order_lines.amount, ordered_on, products.grade",
    customisation,
    over="sales.products_of_year",
)
declare(
    "share_of_wallet",
    "fraction",
    _("Share of wallet"),
    _(
        "Revenue of 12 months over what the customer buys of such goods in a year from everybody (the fact "
        "annual_purchases in its file, in ten thousands), at most 1. Known where that fact is."
    ),
    "min(1, revenue_12m ÷ (10000 × facts.annual_purchases))",
    "order_lines.amount, ordered_on, customer_facts.value",
    wallet_share,
    over="sales.wallets",
)
