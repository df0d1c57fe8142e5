"""What this room hangs into pages."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item

menu_item(_("Targets"), "targets", "target", object="metric", section="decide", order=35)
