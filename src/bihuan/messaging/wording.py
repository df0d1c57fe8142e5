"""Words for states, kinds and signs, and for what the room writes into the journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

OUT_STATES = {
    "queued": _("Queued"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "failed": _("Tried again later"),
    "dead": _("Dead letter"),
    "dropped": _("Dropped"),
}
OUT_TONES = {"sent": "ok", "failed": "yellow", "dead": "red", "sending": "accent"}
IN_STATES = {
    "new": _("To be handed on"),
    "routed": _("Handed on"),
    "waiting": _("Waits for somebody"),
    "kept": _("Kept, needs nobody"),
    "dropped": _("Put away"),
}
KINDS = {
    "message": pgettext_lazy("mail", "Message"),
    "auto_reply": _("Automatic reply"),
    "bounce": _("Bounce"),
    "loop": _("Loop"),
    "forged": _("Forged sender"),
    "unreadable": _("Unreadable"),
}
KIND_TONES = {"bounce": "orange", "loop": "yellow", "forged": "red", "unreadable": "red"}
TRUSTS = {
    "verified": _("Sender verified"),
    "unverified": _("Sender not verified"),
    "forged": _("Sender forged"),
}
REASONS = {
    "own_mark": _("It carries the mark of our own mails."),
    "own_message_id": _("It is a mail that we sent."),
    "x_loop": _("A forwarding program marked it as going round."),
    "from_ourselves": _("It was written from our own address."),
    "hops": _("It passed too many servers."),
    "rate": _("This sender wrote too much in ten minutes."),
    "authentication_failed": _("The mail server's check of the sender failed."),
    "ours_from_outside": _("It claims to be from us and came from outside."),
    "two_senders": _("It names two senders, one of them ours."),
}
NOTES = {
    "text_cut": _("The text was too long and was cut; the raw mail is kept whole."),
    "too_many_parts": _("The mail has too many parts; some were not read."),
    "too_many_attachments": _("Not all attachments were taken."),
    "tnef_broken": _("The winmail.dat is damaged; what could be read was unpacked."),
    "mail_too_large": _(
        "The mail is larger than the channel's limit: only its headers were fetched. It stays in the mailbox."
    ),
    "unreadable": _("The mail could not be read. It is kept raw and stays in the mailbox."),
    "too_large": _("larger than the limit, not taken"),
    "from_tnef": _("unpacked from winmail.dat"),
    "tnef_unpacked": _("its contents stand beside it"),
    "tnef_closed": _("Outlook's own format, not unpacked"),
}
ERRORS = {
    "interrupted": _("The program was ended in the moment of handing the mail over. It may have arrived."),
    "claim_abandoned": _("The program was ended before the mail was handed over."),
}
EVENTS = {
    "queued": _("Queued"),
    "sent": _("Sent"),
    "refused": _("Recipient refused"),
    "failed": _("Refused for now"),
    "dead": _("Given up"),
    "unsure": _("Handed over, no answer"),
    "freed": _("Taken back from an ended program"),
    "bounced": _("Came back"),
    "retried": _("Sent again by a person"),
    "dropped": _("Dropped"),
    "channel_failed": _("The server cannot be used"),
    "received": _("Received"),
    "duplicate": _("The same mail again"),
    "message_id_reused": _("Same Message-ID, other content"),
    "unreadable": _("Unreadable"),
    "folder_renumbered": _("The folder was numbered anew"),
    "route_failed": _("Handing on failed"),
    "routed": _("Handed on"),
    "waiting": _("Waits for somebody"),
    "kept": _("Kept, needs nobody"),
    "handed_on": _("Handed on by a person"),
    "put_away": _("Put away"),
}
name_objects({"outmessage": _("Messages"), "inmessage": _("Messages"), "messagetemplate": _("Wordings")})
name_actions(
    {
        "channel.created": _("Set up a channel"),
        "channel.changed": _("Changed a channel"),
        "message.retried": _("Sent a dead letter again"),
        "message.dropped": _("Dropped a message"),
        "message.handed_on": _("Handed a message on"),
        "message.put_away": _("Put a message away"),
        "wording.changed": _("Changed a wording"),
        "wording.restored": _("Restored a wording"),
    }
)
