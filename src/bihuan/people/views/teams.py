"""The tree of teams."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..forms import TeamForm
from ..models import Team
from ..queries import team_tree
from ..services import PeopleError


@page("staff")
def team_list(request: PageRequest) -> HttpResponse:
    may = request.actor.may("staff", "administer")
    context = {
        "branches": team_tree(request.actor),
        "may_administer": may,
        "form": TeamForm() if may else None,
    }
    return render(request, "people/pages/teams.html", context)


@page("staff", "administer", methods=("POST",))
def team_create(request: PageRequest) -> HttpResponse:
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            services.create_team(actor=request.actor, now=now(), **form.cleaned_data)
        except PeopleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("teams"))
    context = {"branches": team_tree(request.actor), "may_administer": True, "form": form}
    return render(request, "people/pages/teams.html", context, status=422)


@page("staff", "administer", methods=("GET", "POST"))
def team_edit(request: PageRequest, team_id: int) -> HttpResponse:
    """Rename a team and hang it elsewhere in the tree."""
    team = get_object_or_404(Team, pk=team_id)
    form = TeamForm(request.POST or None, initial={"name": team.name, "parent": team.parent_id})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_team(actor=request.actor, team=team, now=now(), **form.cleaned_data)
        except PeopleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("teams"))
    status = 422 if request.method == "POST" else 200
    return render(request, "people/pages/team.html", {"team": team, "form": form}, status=status)
