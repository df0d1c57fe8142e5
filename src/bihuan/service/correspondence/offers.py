"""What is offered to do with a mail that waits in the inbox."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.messaging.access import reads_messages
from bihuan.messaging.models import InMessage
from bihuan.messaging.receivers import Offered, register_offer


@register_offer
def cases(actor: Actor, message: InMessage) -> list[Offered]:
    if not reads_messages(actor, "edit"):
        return []
    found = []
    if actor.may("case", "create") and message.classification != InMessage.Classification.UNREADABLE:
        found.append(Offered(_("Make a case of it"), reverse("case_from_mail", args=[message.pk]), "plus"))
    if actor.may("case", "edit"):
        found.append(Offered(_("Add to a case"), reverse("case_add_mail", args=[message.pk]), "inbox"))
    return found
