"""Control charts in the menu."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.kernel.pages.registry import menu_item

menu_item(pgettext_lazy("quality", "Control charts"), "charts", "chart-line", object="lot_test", section="work", order=37)  # fmt: skip
