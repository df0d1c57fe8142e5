"""What an open objection keeps from happening to its case. Imports no services, so that those of cases may ask it."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ..errors import CaseError
from ..models import Case, Objection
from .rules import keeps_case_open
from .wording import STAGE_WORDS


def objections_of(case: Case) -> QuerySet[Objection]:
    """The case's objection, and those of cases merged into it that have not come over yet: the news of a merge takes a moment."""
    found = Q(case=case) | Q(case__merged_into=case) | Q(case__merged_into__merged_into=case)
    return Objection.objects.filter(found).order_by("id")


def open_objection_of(case: Case) -> Objection | None:
    """The objection that keeps the case from being closed."""
    return next((one for one in objections_of(case) if keeps_case_open(one.stage)), None)


def refuse_open_objection(case: Case) -> None:
    """Refused while an objection of the case is open; the way out is to finish it or to write that the customer withdraws it."""
    held = open_objection_of(case)
    if held is not None:
        raise CaseError(
            _("Its quality objection %(number)s is open, at stage %(stage)s. Finish or withdraw it first.") % _named(held)
        )  # fmt: skip


def refuse_two_objections(case: Case, survivor: Case) -> None:
    """Refused to merge an open objection into a case that has one of its own: a case has one, and neither may be lost."""
    held = open_objection_of(case)
    if held is not None and objections_of(survivor).exists():
        raise CaseError(
            _("Both cases have a quality objection, and %(number)s is open, at stage %(stage)s. Finish or withdraw it first.")
            % _named(held),
            "into",
        )  # fmt: skip


def _named(row: Objection) -> dict[str, str]:
    return {"number": row.number, "stage": str(STAGE_WORDS[row.stage])}
