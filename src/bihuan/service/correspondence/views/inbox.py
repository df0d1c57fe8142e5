"""From messaging's inbox: a case made of a mail, a mail added to a case; which channels open cases."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.models import Customer
from bihuan.customers.queries import customers_visible_to
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.messaging.access import require_all, sees_all
from bihuan.messaging.channel_settings import settings_of
from bihuan.messaging.models import Channel
from bihuan.messaging.queries import get_channel, get_in
from bihuan.messaging.views.tabs import tabs

from ...errors import CaseError
from ...forms import put_error
from ...models import CaseChannel
from ...promised import promised_now
from ..deciding import add_to_case, make_case
from ..forms import AddMailForm, ChannelForm, FromMailForm, contact_for
from ..matching import contacts_at


@page("case", "create", methods=("GET", "POST"))
def case_from_mail(request: PageRequest, message_id: int) -> HttpResponse:
    """A person says whose mail it is and what it is about."""
    message = get_in(request.actor, message_id, "edit")
    sending = request.method == "POST"
    form = FromMailForm(request.POST if sending else None, promised=promised_now())
    picked = None
    if sending and form.is_valid():
        given = form.cleaned_data
        picked = customers_visible_to(request.actor).filter(pk=given["other"]).first()
        try:
            if picked is None:
                raise CaseError(_("Pick a customer from the list."), "other")
            case = make_case(
                actor=request.actor,
                message=message,
                customer=picked,
                kind=given["kind"],
                severity=int(given["severity"]) if given["severity"] else None,
                contact=contact_for(message, picked),
                now=now(),
            )
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]))
    elif not sending:
        picked = _suggested(request, message.sender)
    url = reverse("case_from_mail", args=[message.pk])
    return dialog(
        request,
        _("Make a case of it"),
        form,
        url,
        icon="plus",
        picks=reverse("customer_picks"),
        picked=picked,
    )


def _suggested(request: PageRequest, address: str) -> Customer | None:
    """The first of the customers that have this address, if the actor sees it."""
    keys = [one.customer_id for one in contacts_at(address)]
    return customers_visible_to(request.actor).filter(pk__in=keys).order_by("pk").first() if keys else None


@page("case", "edit", methods=("GET", "POST"))
def case_add_mail(request: PageRequest, message_id: int) -> HttpResponse:
    message = get_in(request.actor, message_id, "edit")
    form = AddMailForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            case = add_to_case(actor=request.actor, message=message, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]))
    return dialog(
        request, _("Add to a case"), form, reverse("case_add_mail", args=[message.pk]), icon="inbox"
    )


@page("channel", methods=("GET", "POST"))
def mail_case_channels(request: PageRequest) -> HttpResponse:
    """For each channel that receives: whether its mail opens cases, of which kind, and whether receipt is acknowledged."""
    require_all(request.actor, "channel")
    may_edit = sees_all(request.actor, "channel", "administer")
    promised = promised_now()
    if request.method == "POST":
        text = request.POST.get("channel", "")
        channel = get_channel(request.actor, int(text) if text.isdecimal() and len(text) < 19 else 0)
        form = ChannelForm(request.POST, promised=promised)
        if form.is_valid():
            save_case_channel(request, channel, form.cleaned_data)
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("There is no such choice."))
        return HttpResponseRedirect(reverse("mail_case_channels"))
    kept = {one.channel_id: one for one in CaseChannel.objects.all()}
    lines = []
    for one in Channel.objects.filter(kind=Channel.Kind.MAIL).order_by("name"):
        settings = settings_of(one)
        if not settings.receives:
            continue
        row = kept.get(one.pk) or CaseChannel(channel=one, opens=False)
        initial = {"opens": row.opens, "kind": row.kind, "acknowledges": row.acknowledges}
        form = ChannelForm(initial=initial, promised=promised, auto_id=f"id_{one.pk}_%s")
        lines.append((one, settings, row, form, promised.kind_labels().get(row.kind, row.kind)))
    context = {"lines": lines, "may_edit": may_edit, **tabs(request.actor, "mail_case_channels")}
    return render(request, "service/correspondence/channels.html", context)


@transaction.atomic
def save_case_channel(request: PageRequest, channel: Channel, given: dict[str, object]) -> None:
    row = CaseChannel.objects.filter(channel=channel).first()
    before = row and {"opens": row.opens, "kind": row.kind, "acknowledges": row.acknowledges}
    CaseChannel.objects.update_or_create(channel=channel, defaults=given)
    record(request.actor, now(), "case_channel.changed", channel, before=before, after=given)
