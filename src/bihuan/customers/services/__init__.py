"""Changes to customers and to what hangs on them. Each writes its journal line in the same transaction.

What refuses raises `CustomerError` with words for people, or `NotAllowed`.
"""

from ..errors import CustomerError
from .around import (
    add_contact,
    add_relation,
    add_site,
    edit_contact,
    edit_site,
    record_competitor,
    record_fact,
    remove_competitor,
    remove_relation,
    set_contact_active,
    set_tags,
)
from .customer import add_note, create_customer, edit_customer, verify_customer
from .many import assign_owner, change_status, hand_over, put_back, put_back_tags, tag_many, untag_many
from .names import add_name, remove_name
from .settling import refresh_completeness

__all__ = [
    "CustomerError",
    "add_contact",
    "add_name",
    "add_note",
    "add_relation",
    "add_site",
    "assign_owner",
    "change_status",
    "create_customer",
    "edit_contact",
    "edit_customer",
    "edit_site",
    "hand_over",
    "put_back",
    "put_back_tags",
    "record_competitor",
    "record_fact",
    "refresh_completeness",
    "remove_competitor",
    "remove_name",
    "remove_relation",
    "set_contact_active",
    "set_tags",
    "tag_many",
    "untag_many",
    "verify_customer",
]
