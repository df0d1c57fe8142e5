from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item

menu_item(_("Messages"), "mail_inbox", "mail", object="message", section="administer", order=60)
