"""What every page is held to: nothing sideways, nothing grave for axe, no error in the console."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

GRAVE = {"serious", "critical"}


def check_page(page: Any) -> None:
    """No sideways scrolling, and no violation that axe calls serious or critical."""
    page.wait_for_load_state("load")  # a page that is still arriving has no measures
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= seen, f"{page.url} scrolls sideways: {wide} > {seen}"
    found = Axe().run(page)
    grave = [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})"
        for one in found.response["violations"]
        if one["impact"] in GRAVE
    ]
    assert not grave, f"{page.url}\n" + "\n".join(grave)
