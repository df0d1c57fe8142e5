from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.people.models import Team

from .channel_settings import MailSettings, settings_of
from .models import Channel

SECURITY = [
    ("tls", _("TLS from the start")),
    ("starttls", "STARTTLS"),
    ("plain", _("None (within one's own net only)")),
]
FIELDS_OF_CHANNEL = ("name", "enabled", "per_minute", "team")
PASSWORDS = {"smtp_password": "smtp", "imap_password": "imap"}
MEGABYTE = 2**20


class ChannelForm(forms.Form):
    """A mail channel: its address, the server it sends by, the folder it reads. A password left blank stays."""

    name = forms.CharField(label=_("Mail channel"), max_length=80)
    address = forms.EmailField(label=_("Address"))
    sender_name = forms.CharField(label=_("Sender's name"), max_length=80, required=False)
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=_("Team that reads it"), required=False, empty_label="–",
        help_text=_("Its people see the mail of this channel in the inbox. Without one only those who see all messages do."),
    )  # fmt: skip
    enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)
    smtp_host = forms.CharField(label=_("Server to send by (SMTP)"), max_length=200, required=False)
    smtp_port = forms.IntegerField(label=_("Port (SMTP)"), min_value=1, max_value=65535, required=False)
    smtp_security = forms.ChoiceField(label=_("Encryption (SMTP)"), choices=SECURITY, initial="tls")
    smtp_user = forms.CharField(label=_("User (SMTP)"), max_length=200, required=False)
    smtp_password = forms.CharField(
        label=_("Password (SMTP)"), max_length=500, required=False, widget=forms.PasswordInput,
        help_text=_("Kept encrypted. Left blank, it stays as it is. Many providers want an authorisation code here."),
    )  # fmt: skip
    per_minute = forms.IntegerField(
        label=_("Mails a minute at most"), min_value=1, max_value=10_000, initial=30
    )
    most_attempts = forms.IntegerField(label=_("Attempts at most"), min_value=1, max_value=50, initial=8)
    imap_host = forms.CharField(label=_("Server to read from (IMAP)"), max_length=200, required=False)
    imap_port = forms.IntegerField(label=_("Port (IMAP)"), min_value=1, max_value=65535, required=False)
    imap_security = forms.ChoiceField(label=_("Encryption (IMAP)"), choices=SECURITY, initial="tls")
    imap_user = forms.CharField(label=_("User (IMAP)"), max_length=200, required=False)
    imap_password = forms.CharField(
        label=_("Password (IMAP)"), max_length=500, required=False, widget=forms.PasswordInput,
        help_text=_("Left blank, the one for sending is used."),
    )  # fmt: skip
    folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    read_from = forms.ChoiceField(
        label=_("Read"),
        choices=[("new", _("What comes from now on")), ("all", _("Also what lies there"))],
        initial="new",
    )
    afterwards = forms.ChoiceField(
        label=_("Afterwards"),
        choices=[("seen", _("Mark as read")), ("move", _("Move to a folder")), ("keep", _("Leave as it is"))],
        initial="seen",
    )
    move_to = forms.CharField(label=_("Move to"), max_length=200, required=False)
    largest_mb = forms.IntegerField(
        label=_("Largest mail, MB"), min_value=1, max_value=200, initial=MailSettings.largest_mail // MEGABYTE
    )
    most_from_sender = forms.IntegerField(
        label=_("Mails of one sender in ten minutes at most"), min_value=2, max_value=10_000, initial=30
    )
    own_domains = forms.CharField(
        label=_("Our domains"), max_length=500, required=False,
        help_text=_("Besides the address's own; separated by blanks. Who writes from them is checked strictly."),
    )  # fmt: skip
    checked_by = forms.CharField(
        label=_("Name of our mail server in Authentication-Results"), max_length=200, required=False,
        help_text=_("Without it no sender counts as verified."),
    )  # fmt: skip

    @classmethod
    def of(cls, channel: Channel) -> ChannelForm:
        settings = asdict(settings_of(channel))
        given = {name: value or None if name.endswith("_port") else value for name, value in settings.items()}
        given["own_domains"] = " ".join(settings["own_domains"])
        given["largest_mb"] = settings["largest_mail"] // MEGABYTE
        return cls(initial=given | {name: getattr(channel, name) for name in FIELDS_OF_CHANNEL})

    def facts(self, before: Channel | None) -> dict[str, Any]:
        """What `save_channel` takes."""
        data = dict(self.cleaned_data)
        own = {name: data.pop(name) for name in FIELDS_OF_CHANNEL}
        passwords = {which: data.pop(name) for name, which in PASSWORDS.items()}
        data["largest_mail"] = data.pop("largest_mb") * MEGABYTE
        data["own_domains"] = data["own_domains"].replace(",", " ").split()
        data["address"] = data["address"].lower()
        for name in ("smtp_port", "imap_port"):
            data[name] = data[name] or 0
        kept = {} if before is None else before.settings
        return own | {"settings": {**kept, **data}, "passwords": passwords}


class WordingForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=300)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}))
