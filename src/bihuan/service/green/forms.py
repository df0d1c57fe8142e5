"""Forms of the green channel. They ask and read; what is right, the services say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor

from ..forms_investigation import line, person
from ..models import GreenRequest
from .wording import PARTY_WORDS

HUNDRED = Decimal(100)


def _share(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, max_digits=5, decimal_places=2, **more)


class _Shares(LookForm):
    def clean_share(self) -> Decimal | None:
        given: Decimal | None = self.cleaned_data["share"]
        return None if given is None else given / HUNDRED


class AskForm(_Shares):
    to = forms.ChoiceField(label=_("Department"), choices=lambda: [*PARTY_WORDS.items()])
    what = line(_("What is to be held"), length=300)
    share = _share(_("Share of the capacity, %"))
    needed_until = forms.DateTimeField(
        label=_("Needed until"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["asked"] = person(actor, _("Whom to ask, if not its manager"), required=False)


class AnswerForm(_Shares):
    answer = forms.ChoiceField(
        label=pgettext_lazy("green channel", "Answer"),
        choices=lambda: [one for one in GreenRequest.Answer.choices if one[0]],
    )
    share = _share(_("Share of the capacity that is held, %"))
    reason = line(_("Reason, unless all is granted"), required=False)
