"""The page of what the company aims at."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.pages.request import PageRequest, page

from .queries import industry_title, targets_in_words


@page("metric")
def targets(request: PageRequest) -> HttpResponse:
    return render(
        request, "packs/pages/targets.html", {"industry": industry_title(), "targets": targets_in_words()}
    )
