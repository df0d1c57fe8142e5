"""What this room hangs into pages."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item

from . import journal_words  # noqa: F401  (registers)

menu_item(_("Targets"), "targets", "target", object="metric", section="decide", order=35)
