from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item

menu_item(_("Journal"), "journal", "history", object="journal", section="administer", order=90)
