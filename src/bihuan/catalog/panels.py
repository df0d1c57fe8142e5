"""What this room hangs into pages."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item

from . import lists  # noqa: F401  (registers the list)

menu_item(_("Products"), "products", "package", object="product", section="data", order=30, keys="g p")
