"""Words for posts, scopes, field classes, objects and actions of the access table."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

ROLE_WORDS = {
    "salesperson": _("Salesperson"),
    "service_agent": _("Service agent"),
    "technical": _("Technical staff"),
    "quality": _("Quality staff"),
    "dispatcher": _("Dispatcher"),
    "production": _("Production planning"),
    "logistics": _("Logistics"),
    "manager": _("Manager"),
    "director": _("Director"),
    "administrator": _("Administrator"),
    "auditor": _("Auditor"),
}
SCOPE_WORDS = {
    "none": pgettext_lazy("scope", "None"),
    "own": pgettext_lazy("scope", "Own"),
    "team": pgettext_lazy("scope", "Team"),
    "all": pgettext_lazy("scope", "All"),
}
CLASS_WORDS = {
    "public": pgettext_lazy("field class", "Public"),
    "contact": pgettext_lazy("field class", "Contact"),
    "commercial": pgettext_lazy("field class", "Commercial"),
    "technical": pgettext_lazy("field class", "Technical"),
    "secret": pgettext_lazy("field class", "Secret"),
}
OBJECT_WORDS = {
    "customer": _("Customers"),
    "contact": _("Contacts"),
    "site": _("Sites"),
    "product": _("Products"),
    "order": _("Orders"),
    "payment": _("Payments"),
    "receivable": _("Receivables"),
    "case": pgettext_lazy("service", "Cases"),
    "certificate": pgettext_lazy("certificate", "Certificates"),
    "metric": _("Metrics"),
    "decision": _("Tier decisions"),
    "policy": _("Policies"),
    "import": _("Imports"),
    "duplicate": _("Duplicates"),
    "journal": _("Journal"),
    "staff": _("Staff"),
    "setting": _("Settings"),
    "channel": _("Message channels"),
    "message": _("Messages"),
}
ACTION_WORDS = {
    "view": pgettext_lazy("action", "See"),
    "create": pgettext_lazy("action", "Create"),
    "note": pgettext_lazy("action", "Note"),
    "edit": pgettext_lazy("action", "Edit"),
    "export": pgettext_lazy("action", "Export"),
    "import": pgettext_lazy("action", "Import"),
    "merge": pgettext_lazy("action", "Merge"),
    "undo": pgettext_lazy("action", "Undo"),
    "hand_over": pgettext_lazy("action", "Hand over"),
    "refresh": pgettext_lazy("action", "Compute"),
    "simulate": pgettext_lazy("action", "Simulate"),
    "propose": pgettext_lazy("action", "Propose"),
    "approve": pgettext_lazy("action", "Approve"),
    "administer": pgettext_lazy("action", "Administer"),
    "sign": pgettext_lazy("action", "Sign"),
    "specify": pgettext_lazy("action", "Set limits"),
    "verify": pgettext_lazy("action", "Verify"),
    "settle": pgettext_lazy("action", "Settle"),
}
name_objects({**OBJECT_WORDS, "team": _("Teams"), "access": _("Access")})
name_actions(
    {
        "sign_in.done": _("Signed in"),
        "sign_in.failed": _("Failed to sign in"),
        "sign_in.second_factor_failed": _("Failed the second factor"),
        "sign_in.locked_out": _("Was locked out"),
        "sign_in.unknown_person": _("Is unknown here"),
        "sign_out.done": _("Signed out"),
        "absence.entered": _("Entered an absence"),
        "absence.ended": _("Ended an absence"),
        "duty.entered": _("Put somebody on duty"),
        "duty.ended": _("Took somebody off duty"),
        "staff.created": _("Added a person"),
        "staff.changed": _("Changed a person"),
        "staff.roles_changed": _("Changed posts"),
        "staff.password_set": _("Set a password"),
        "staff.password_link_made": _("Made a password link"),
        "staff.left": _("Closed an account"),
        "staff.returned": _("Opened an account again"),
        "staff.own_settings_changed": _("Changed own settings"),
        "staff.security_key_added": _("Added a security key"),
        "staff.security_key_removed": _("Removed a security key"),
        "staff.second_factors_removed": _("Removed a person's second factors"),
        "staff.recovery_codes_made": _("Made new recovery codes"),
        "token.made": _("Made an access token"),
        "token.revoked": _("Revoked an access token"),
        "team.created": _("Added a team"),
        "team.renamed": _("Renamed a team"),
        "team.moved": _("Moved a team"),
        "company.named": _("Named the company"),
        "access.changed": _("Changed the access table"),
        "access.restored": _("Restored the access table"),
    }
)
