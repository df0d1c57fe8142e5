"""The part of a service matrix that says what a customer's mail does to a case."""

from __future__ import annotations

from collections.abc import Iterable

from bihuan.service.matrix.model import MailRules, PauseReason
from bihuan.service.matrix.reading import mapping, several_of, text_or_none, whole

MOST_DAYS = 3660


def read_mail(value: object, reasons: Iterable[PauseReason]) -> MailRules:
    """Without the section: 14 days [D], and the reasons whose id speaks of the customer."""
    known = tuple(one.id for one in reasons)
    section = mapping({} if value is None else value, "mail", ("reopens_within_days", "resumes", "source"))
    text_or_none(section.get("source"), "mail.source")
    usual = frozenset(one for one in known if "customer" in one)
    resumes = section.get("resumes")
    return MailRules(
        whole(
            section.get("reopens_within_days", MailRules.reopens_within),
            "mail.reopens_within_days",
            MOST_DAYS,
        ),
        usual if resumes is None else frozenset(several_of(resumes, known, "mail.resumes")),
    )
