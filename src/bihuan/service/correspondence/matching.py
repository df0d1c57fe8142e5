"""Whose mail it is: which person at which customer, and whether a case knows its sender."""

from __future__ import annotations

from django.db.models import Q

from bihuan.customers.models import Contact
from bihuan.kernel.actor import Actor
from bihuan.messaging.models import InMessage, OutMessage

from ..models import Case, CaseMail


def contacts_at(address: str) -> list[Contact]:
    """The persons that have this address, those of customers who were merged away left out."""
    if not address:
        return []
    rows = Contact.objects.filter(email__iexact=address, is_active=True, customer__merged_into=None)
    return list(rows.select_related("customer").order_by("-is_primary", "pk")[:50])


def sole_contact(address: str) -> Contact | None:
    """The person, if the address leads to one customer only."""
    found = contacts_at(address)
    return found[0] if len({one.customer_id for one in found}) == 1 else None


def contact_of(case: Case, address: str) -> Contact | None:
    """The person of the case's customer who has this address."""
    found = [one for one in contacts_at(address) if one.customer_id == case.customer_id]
    return next((one for one in found if one.pk == case.contact_id), found[0] if found else None)


def on_case(case: Case) -> Q:
    """Mails of a case and of those that it took in."""
    return Q(case=case) | Q(case__merged_into=case) | Q(case__merged_into__merged_into=case)


def is_known(case: Case, address: str) -> bool:
    """Whether mail from this address on this case is the customer's: a person of the customer, somebody whose mail was
    taken in here before, or somebody to whom we wrote about it."""
    if not address:
        return False
    if contact_of(case, address) is not None:
        return True
    taken = CaseMail.objects.filter(on_case(case), standing=CaseMail.Standing.TAKEN)
    if taken.filter(incoming__sender=address.lower()).exists():
        return True
    written = OutMessage.objects.filter(case_mail__in=taken).values_list("to", "cc")
    return any(address.lower() == one.lower() for to, cc in written for one in (*to, *cc))


def writer_of(case: Case, message: InMessage) -> Actor:
    """The sender as the timeline and the journal name it; without rights, and never by the address alone."""
    person = contact_of(case, message.sender)
    name = person.name if person else message.sender_name or case.customer.name
    return Actor(kind="contact", name=name, user_id=person.pk if person else None, via="system")
