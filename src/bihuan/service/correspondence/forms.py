"""Forms of correspondence. They ask and read; what is right, the services say."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.customers.models import Contact, Customer
from bihuan.customers.queries import contacts_of
from bihuan.kernel.actor import Actor
from bihuan.messaging.models import InMessage

from ..forms import box
from ..models import Case, CaseFile, CaseTemplate
from ..promised import Promised
from . import templates


class AnswerForm(LookForm):
    """What the customer was told already, in whatever way."""

    text = box(_("Answer to the customer"), 6)


class MailForm(LookForm):
    """An answer to be sent."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    to = forms.CharField(label=pgettext_lazy("mail", "To"), max_length=1000)
    cc = forms.CharField(label=pgettext_lazy("mail", "Copy to"), max_length=1000, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=300)
    text = box(_("Answer to the customer"), 9)
    attached = forms.MultipleChoiceField(
        label=_("Attach files of the case"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, files: list[CaseFile], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].choices = [(str(one.pk), one.name) for one in files]  # type: ignore[attr-defined]
        if not files:
            del self.fields["attached"]
        self.fields["to"].widget.attrs["list"] = "words-addresses"
        self.fields["once"].initial = secrets.token_hex(12)
        self.fields["text"].widget.attrs["autofocus"] = True


class FromMailForm(LookForm):
    """A case out of a mail: whose, what kind, how grave."""

    other = forms.IntegerField(
        label=_("Customer"), error_messages={"required": _("Pick a customer from the list.")}
    )
    kind = forms.ChoiceField(label=_("Kind"))
    severity = forms.ChoiceField(label=_("Severity"), required=False)

    def __init__(self, *args: Any, promised: Promised, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["other"].widget = forms.HiddenInput()
        self.fields["kind"].choices = list(promised.kind_labels().items())  # type: ignore[attr-defined]
        self.fields["severity"].choices = [  # type: ignore[attr-defined]
            ("", _say("as the kind says")), *promised.severity_labels().items(),
        ]  # fmt: skip


class AddMailForm(LookForm):
    number = forms.CharField(label=_("Number of the case"), max_length=40)


class TemplateForm(LookForm):
    """A template; what is asked depends on what it is for."""

    name = forms.CharField(label=_("Name of the template"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    title = forms.CharField(label=pgettext_lazy("case", "Title"), max_length=120, required=False)
    body = box(_("Text"), 9)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, use: str, promised: Promised, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = list(promised.kind_labels().items())  # type: ignore[attr-defined]
        self.fields["severity"].choices = [  # type: ignore[attr-defined]
            ("", _say("as the kind says")), *promised.severity_labels().items(),
        ]  # fmt: skip
        if use != CaseTemplate.Use.CASE:
            for name in ("kind", "severity", "title"):
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if "severity" in given:
            given["severity"] = int(given["severity"]) if given["severity"] else None
        return given


class ChannelForm(LookForm):
    """What mail to a channel does that belongs to nothing yet."""

    opens = forms.BooleanField(label=_("Mail of known persons opens a case"), required=False)
    kind = forms.ChoiceField(label=_("Kind of these cases"))
    acknowledges = forms.BooleanField(label=_("Acknowledge receipt with number and due time"), required=False)

    def __init__(self, *args: Any, promised: Promised, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = list(promised.kind_labels().items())  # type: ignore[attr-defined]


def addresses_of(actor: Actor, case: Case) -> list[tuple[str, str]]:
    """Address and name of the customer's persons, as far as the actor may read them."""
    from bihuan.customers.records import CONTACT

    if not CONTACT.may_read(actor, "email"):
        return []
    return [(one.email, one.name) for one in contacts_of(actor, case.customer) if one.email and one.is_active]


def contact_for(message: InMessage, customer: Customer) -> Contact | None:
    rows = Contact.objects.filter(customer=customer, email__iexact=message.sender, is_active=True)
    return rows.order_by("-is_primary", "pk").first() if message.sender else None


def begin_with(actor: Actor, customer: Customer | None, text: str) -> dict[str, Any]:
    """What a new case's form begins with, if a template for new cases is named."""
    picked = templates.find_template(CaseTemplate.Use.CASE, text)
    if picked is None:
        return {}
    values = templates.values_for_customer(actor, customer)
    return {
        "template": picked.pk,
        "title": picked.title,
        "kind": picked.kind,
        "severity": str(picked.severity or ""),
        "text": templates.filled(picked, values),
    }


def template_choices(use: str) -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in templates.offered(use)]
