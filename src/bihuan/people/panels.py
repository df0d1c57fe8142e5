from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item, palette_action

menu_item(_("Staff"), "staff", "users", object="staff", section="administer", order=70)
menu_item(_("Teams"), "teams", "hierarchy", object="staff", section="administer", order=72)
menu_item(_("Duty and absences"), "duty", "calendar-user", object="staff", section="work", order=60)
menu_item(
    _("Our company"),
    "company",
    "building",
    object="setting",
    action="administer",
    section="administer",
    order=68,
)
menu_item(_("Access"), "access", "shield-lock", object="setting", section="administer", order=74)
palette_action(_("Add a person"), "staff_create", "user-plus", object="staff", action="create")
