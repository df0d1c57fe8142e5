"""The access table, and the company's changes to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.audit.wording import object_word
from bihuan.kernel.actor import FieldClass, Scope
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..access_table import ROLES, delivered_table
from ..actors import present_table
from ..models import AccessOverride
from ..queries import access_cells, object_words
from ..services import PeopleError
from ..wording import ACTION_WORDS, CLASS_WORDS, ROLE_WORDS, SCOPE_WORDS


@page("setting")
def access_table(request: PageRequest, object_name: str = "customer") -> HttpResponse:
    """Who may do what with one kind of object."""
    objects = delivered_table().objects
    if object_name not in objects:
        raise Http404(object_name)
    context = {
        "object_name": object_name,
        "object_word": object_word(object_name),
        "objects": object_words(objects),
        "actions": [ACTION_WORDS.get(action, action) for action in objects[object_name]],
        "lines": access_cells(object_name),
        "may_administer": request.actor.may("setting", "administer"),
    }
    return render(request, "people/pages/access.html", context)


@page("setting", "administer", methods=("GET", "POST"))
def access_cell(request: PageRequest, object_name: str, role: str, action: str) -> HttpResponse:
    """Change one cell."""
    if role not in ROLES or action not in delivered_table().objects.get(object_name, ()):
        raise Http404(action)
    error = ""
    if request.method == "POST":
        try:
            scope = Scope[request.POST.get("scope", "").upper()]
            services.override_access(
                actor=request.actor, role=role, object_name=object_name, action=action,
                scope=scope, classes=request.POST.getlist("classes"), now=now(),
            )  # fmt: skip
        except KeyError:
            error = _("Choose how far the right reaches.")
        except PeopleError as refused:
            error = str(refused)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("access_object", args=[object_name]))
    grant = present_table().grant(role, object_name, action)
    context = {
        "object_name": object_name,
        "object_word": object_word(object_name),
        "role_word": ROLE_WORDS[role],
        "action_word": ACTION_WORDS.get(action, action),
        "scopes": [(name, word, grant.scope.name.lower() == name) for name, word in SCOPE_WORDS.items()],
        "classes": [(one.value, CLASS_WORDS[one.value], one in grant.classes) for one in FieldClass],
        "override": AccessOverride.objects.filter(role=role, object_name=object_name, action=action).first(),
        "error": error,
    }
    return render(request, "people/pages/access_cell.html", context, status=422 if error else 200)


@page("setting", "administer", methods=("POST",))
def access_restore(request: PageRequest, override_id: int) -> HttpResponse:
    """Return a cell to what was delivered."""
    row = get_object_or_404(AccessOverride, pk=override_id)
    services.remove_override(actor=request.actor, override=row, now=now())
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("access_object", args=[row.object_name]))
