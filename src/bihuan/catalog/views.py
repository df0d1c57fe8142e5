"""Pages of products."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from .lists import PRODUCTS
from .queries import get_product, limits_of
from .records import PRODUCT


@page("product")
def product_list(request: PageRequest) -> HttpResponse:
    return list_view(request, PRODUCTS)


@page("product")
def product_page(request: PageRequest, identity: int) -> HttpResponse:
    product = get_product(request.actor, identity)
    return render(
        request,
        "catalog/pages/product.html",
        {
            "product": product,
            "sees_price": PRODUCT.may_read(request.actor, "list_price"),
            "limits": limits_of(product, local_date(now())),
        },
    )
