"""Mail channels: what state they are in, setting them up, trying them out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access import sees_all
from ..checking import check_channel
from ..errors import MessagingError
from ..forms import ChannelForm
from ..models import Channel
from ..queries import channel_lines, get_channel
from .tabs import tabs


@page("channel")
def channel_list(request: PageRequest) -> HttpResponse:
    context = {
        "lines": channel_lines(request.actor, now()),
        "may_administer": sees_all(request.actor, "channel", "administer"),
        **tabs(request.actor, "mail_channels"),
    }
    return render(request, "messaging/pages/channels.html", context)


@page("channel", "administer", methods=("GET", "POST"))
def channel_create(request: PageRequest) -> HttpResponse:
    return _form(request, None)


@page("channel", "administer", methods=("GET", "POST"))
def channel_edit(request: PageRequest, channel_id: int) -> HttpResponse:
    return _form(request, get_channel(request.actor, channel_id))


def _form(request: PageRequest, channel: Channel | None) -> HttpResponse:
    form = ChannelForm() if channel is None else ChannelForm.of(channel)
    status = 200
    if request.method == "POST":
        form = ChannelForm(request.POST)
        if form.is_valid() and _saved(request, form, channel):
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("mail_channels"))
        status = 422
    context = {"form": form, "channel": channel}
    return render(request, "messaging/pages/channel.html", context, status=status)


def _saved(request: PageRequest, form: ChannelForm, channel: Channel | None) -> bool:
    try:
        services.save_channel(actor=request.actor, channel=channel, now=now(), **form.facts(channel))
    except MessagingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    return True


@page("channel", "administer", methods=("POST",))
def channel_check(request: PageRequest, channel_id: int) -> HttpResponse:
    """Sign in at both servers and say what came of it."""
    channel = get_channel(request.actor, channel_id)
    context = {"channel": channel, "checks": check_channel(channel)}
    return render(request, "messaging/pages/check.html", context)
