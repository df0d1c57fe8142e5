"""Who is away and who is on duty: one page, entered in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..access import STAFF
from ..duty import absences_ahead, shifts_ahead
from ..duty_changes import end_absence, enter_absence, may_plan_for, put_on_duty, take_off_duty
from ..errors import PeopleError
from ..forms_duty import AbsenceForm, ShiftForm


def _shown(request: PageRequest, status: int = 200, **forms: Any) -> HttpResponse:
    actor, moment = request.actor, now()
    theirs = set(STAFF.visible_to(actor, "hand_over").values_list("pk", flat=True)) | {actor.user_id}
    may_plan = actor.may("staff", "hand_over")
    shifts = [
        {"one": one, "is_now": one.starts_at <= moment, "mine": may_plan and may_plan_for(actor, one.team)}
        for one in shifts_ahead(actor, moment)
    ]
    away = absences_ahead(actor, moment)
    deputies = {one.user.deputy_id for one in away}
    seen = set(STAFF.visible_to(actor).filter(pk__in=deputies).values_list("pk", flat=True))
    context = {
        "absences": [
            {
                "one": one,
                "is_now": one.starts_at <= moment,
                "mine": one.user_id in theirs,
                "deputy": one.user.deputy if one.user.deputy_id in seen else None,
                "has_deputy": one.user.deputy_id is not None,
            }
            for one in away
        ],
        "shifts": shifts,
        "absence_form": forms.get("absence") or AbsenceForm(actor=actor),
        "shift_form": (forms.get("shift") or ShiftForm(actor=actor)) if may_plan else None,
    }
    return render(request, "people/pages/duty.html", context, status=status)


@page("staff")
def duty(request: PageRequest) -> HttpResponse:
    return _shown(request)


def _saved(request: PageRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("duty"))


def _entered(request: PageRequest, name: str, form: Any, enter: Callable[..., object]) -> HttpResponse:
    if form.is_valid():
        try:
            enter(actor=request.actor, now=now(), **form.cleaned_data)
        except PeopleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _saved(request)
    return _shown(request, 422, **{name: form})


@page("staff", methods=("POST",))
def absence_enter(request: PageRequest) -> HttpResponse:
    form = AbsenceForm(request.POST, actor=request.actor)
    return _entered(request, "absence", form, enter_absence)


@page("staff", methods=("POST",))
def absence_end(request: PageRequest, absence_id: int) -> HttpResponse:
    end_absence(actor=request.actor, absence_id=absence_id, now=now())
    return _saved(request)


@page("staff", "hand_over", methods=("POST",))
def duty_enter(request: PageRequest) -> HttpResponse:
    form = ShiftForm(request.POST, actor=request.actor)
    return _entered(request, "shift", form, put_on_duty)


@page("staff", "hand_over", methods=("POST",))
def duty_end(request: PageRequest, shift_id: int) -> HttpResponse:
    take_off_duty(actor=request.actor, shift_id=shift_id, now=now())
    return _saved(request)
