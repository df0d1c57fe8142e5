"""Staff: list, one person, new, posts, password link, leaving and coming back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from bihuan.audit.reading import note_read
from bihuan.audit.services import record
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access import STAFF
from ..access_table import ROLES
from ..doors import one_visible
from ..forms import RolesForm, StaffForm
from ..models import User
from ..queries import staff
from ..services import PeopleError
from ..sign_in import has_second_factor, password_link
from ..wording import ROLE_WORDS


@page("staff")
def staff_list(request: PageRequest) -> HttpResponse:
    text, role = request.GET.get("q", "").strip()[:80], request.GET.get("role", "")
    with_left = request.GET.get("left") == "1"
    rows = staff(request.actor, text, role if role in ROLES else "", with_left)
    shown = STAFF.readable(request.actor)
    columns = [one for one in shown if one.name in ("username", "team", "phone", "email")]
    note_read(request, rows, columns)
    lines = [
        {
            "person": one,
            "cells": [(column.label, _plain(one, column.name)) for column in columns],
            "posts": [ROLE_WORDS.get(held.role, held.role) for held in one.roles.all()],
        }
        for one in rows
    ]
    context = {
        "lines": lines,
        "columns": columns,
        "text": text,
        "role": role,
        "with_left": with_left,
        "roles": ROLE_WORDS.items(),
        "may_create": request.actor.may("staff", "create"),
        "may_edit": request.actor.may("staff", "edit"),
    }
    return render(request, "people/pages/staff.html", context)


def _plain(person: User, name: str) -> str:
    value = getattr(person, name)
    return "" if value is None else str(value)


@page("staff", "create", methods=("GET", "POST"))
def staff_create(request: PageRequest) -> HttpResponse:
    form = StaffForm(request.POST or None, initial={"language": "zh-hans"})
    roles = RolesForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and roles.is_valid():
        try:
            user = services.create_user(
                actor=request.actor, roles=roles.cleaned_data["roles"], now=now(), **form.cleaned_data
            )
        except PeopleError as error:
            _put_error(form, error)
        else:
            return HttpResponseRedirect(reverse("staff_person", args=[user.pk]))
    status = 422 if request.method == "POST" else 200
    return render(request, "people/pages/staff_new.html", {"form": form, "roles": roles}, status=status)


@page("staff", "edit", methods=("GET", "POST"))
def staff_person(request: PageRequest, user_id: int) -> HttpResponse:
    person = one_visible(STAFF, request.actor, "edit", pk=user_id)
    form = _form(request, person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_user(actor=request.actor, user=person, changes=form.cleaned_data, now=now())
        except PeopleError as error:
            _put_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(request.path)
    note_read(
        request,
        person,
        [
            name
            for name in form.fields
            if name in STAFF.by_name and STAFF.by_name[name].field_class == "secret"
        ],
    )
    return _person_page(request, person, form=form, status=422 if request.method == "POST" else 200)


def _form(request: PageRequest, person: User, given: Any = None) -> StaffForm:
    """The person's facts, those that the actor may read and so may edit."""
    form = StaffForm(
        given, user=person, initial={name: getattr(person, name) for name in services.CHANGEABLE}
    )
    hidden = {one.name for one in STAFF.fields} - {one.name for one in STAFF.readable(request.actor, "edit")}
    if not request.actor.may("staff", "administer"):
        hidden |= services.OPENS_DOORS
    for name in hidden & set(form.fields):
        del form.fields[name]
    return form


def _person_page(request: PageRequest, person: User, *, status: int = 200, **more: Any) -> HttpResponse:
    held = list(person.roles.values_list("role", flat=True))
    context = {
        "person": person,
        "form": _form(request, person),
        "sign_in_name": person.username if STAFF.may_read(request.actor, "username", "edit") else "",
        "roles": RolesForm(initial={"roles": held}),
        "posts": [ROLE_WORDS.get(role, role) for role in held],
        "may_administer": request.actor.may("staff", "administer"),
        "is_oneself": request.actor.user_id == person.pk,
        "has_second_factor": has_second_factor(person),
        "hand_over_url": _hand_over_url(request, person),
        **more,
    }
    return render(request, "people/pages/staff_person.html", context, status=status)


def _hand_over_url(request: PageRequest, person: User) -> str:
    """Where a leaver's customers are handed over; the page belongs to a higher room and may be absent."""
    if not request.actor.may("customer", "hand_over"):
        return ""
    try:
        return f"{reverse('hand_over')}?from={person.pk}"
    except NoReverseMatch:
        return ""


@page("staff", "administer", methods=("POST",))
def staff_roles(request: PageRequest, user_id: int) -> HttpResponse:
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    form = RolesForm(request.POST)
    if form.is_valid():
        _try(request, lambda: services.change_roles(
            actor=request.actor, user=person, roles=form.cleaned_data["roles"], now=now()
        ))  # fmt: skip
    return HttpResponseRedirect(reverse("staff_person", args=[person.pk]))


@page("staff", "administer", methods=("POST",))
def staff_leave(request: PageRequest, user_id: int) -> HttpResponse:
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    act = services.deactivate_user if person.is_active else services.reactivate_user
    _try(request, lambda: act(actor=request.actor, user=person, now=now()))
    return HttpResponseRedirect(reverse("staff_person", args=[person.pk]))


@page("staff", "administer", methods=("POST",))
def staff_password_link(request: PageRequest, user_id: int) -> HttpResponse:
    """A link that sets the person's password, shown once to the administrator, who passes it on."""
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    link = request.build_absolute_uri(password_link(person))
    record(request.actor, now(), "staff.password_link_made", person, object_type="staff")
    return _person_page(request, person, link=link)


@page("staff", "administer", methods=("POST",))
def staff_second_factors(request: PageRequest, user_id: int) -> HttpResponse:
    """Let somebody who lost their second factor in again."""
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    _try(request, lambda: services.remove_second_factors(actor=request.actor, user=person, now=now()))
    return HttpResponseRedirect(reverse("staff_person", args=[person.pk]))


def _try(request: PageRequest, act: Any) -> None:
    try:
        act()
    except PeopleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))


def _put_error(form: Any, error: PeopleError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))
