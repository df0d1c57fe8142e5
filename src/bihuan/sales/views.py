"""Pages of orders."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page

from .lists import ORDERS
from .queries import SHOWN_LINES, get_order, lines_of
from .records import ORDER


@page("order")
def order_list(request: PageRequest) -> HttpResponse:
    return list_view(request, ORDERS)


@page("order")
def order_page(request: PageRequest, identity: int) -> HttpResponse:
    order = get_order(request.actor, identity)
    return render(
        request,
        "sales/pages/order.html",
        {
            "order": order,
            "lines": lines_of(order),
            "most": SHOWN_LINES,
            "sees_money": ORDER.may_read(request.actor, "amount"),
        },
    )
