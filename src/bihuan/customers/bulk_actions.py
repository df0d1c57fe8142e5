"""What the list of customers can do to many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.lists import BulkAction

from . import services
from .forms import OwnerForm, StatusForm, TagForm
from .lists import CUSTOMERS


def _owner(place: str) -> Any:
    def apply(actor: Actor, ids: list[int], values: Mapping[str, Any], now: datetime) -> Any:
        return services.assign_owner(actor=actor, ids=ids, place=place, owner_id=values["owner"], now=now)

    return apply


def _status(actor: Actor, ids: list[int], values: Mapping[str, Any], now: datetime) -> Any:
    return services.change_status(actor=actor, ids=ids, status=values["status"], now=now)


def _tag(actor: Actor, ids: list[int], values: Mapping[str, Any], now: datetime) -> Any:
    return services.tag_many(actor=actor, ids=ids, tag_id=values["tag"], now=now)


def _untag(actor: Actor, ids: list[int], values: Mapping[str, Any], now: datetime) -> Any:
    return services.untag_many(actor=actor, ids=ids, tag_id=values["tag"], now=now)


for action in (
    BulkAction(
        "owner_a", _("Set owner A"), "user-check", "hand_over", _owner("a"), services.put_back, OwnerForm
    ),
    BulkAction(
        "owner_b", _("Set owner B"), "user-plus", "hand_over", _owner("b"), services.put_back, OwnerForm
    ),
    BulkAction("status", _("Set status"), "flag", "edit", _status, services.put_back, StatusForm),
    BulkAction("tag", _("Add tag"), "tag", "edit", _tag, services.put_back_tags, TagForm),
    BulkAction("untag", _("Remove tag"), "tags", "edit", _untag, services.put_back_tags, TagForm),
):
    CUSTOMERS.add_action(action)
