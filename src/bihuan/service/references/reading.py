"""Reading what was typed into one field, keeping it with the case, and finding it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.references import reference_kind, reference_kinds, tidy_key

from ..errors import CaseError
from ..models import Case, CaseReference
from . import kinds  # noqa: F401  registers them

MOST = 30
LONGEST = 80
_BETWEEN = re.compile(r"[\s,，、;；]+")
_COLON = re.compile(r"[:：]")
TAKEN_AS = "lot"
"""What a number is taken for that is no order and no product: on a complaint it is the lot's."""


@dataclass(frozen=True, slots=True)
class Referred:
    kind: str
    key: str
    label: str


def read_references(actor: Actor, text: str, customer: int) -> list[Referred]:
    """The things that a line names: `PO-12 批号：A0301 H2SO4-98`. A word before a colon says the kind; without one an order of
    the customer's, else a product, else a lot. `CaseError` for too many, too long ones, and a named kind that is not found."""
    found: dict[tuple[str, str], Referred] = {}
    for piece in _BETWEEN.split(_glued(text)):
        if not piece:
            continue
        if len(piece) > LONGEST:
            raise CaseError(_("“%(text)s…” is too long for a number.") % {"text": piece[:20]}, "references")
        one = _read(actor, piece, customer)
        found.setdefault((one.kind, one.key), one)
    if len(found) > MOST:
        raise CaseError(_("At most %(most)s references.") % {"most": MOST}, "references")
    return list(found.values())


def pieces_of(text: str) -> list[str]:
    """The bare numbers of such a line, without the words that say their kinds."""
    words = {word for one in reference_kinds() for word in one.words}
    found = []
    for piece in _BETWEEN.split(_glued(text)):
        word, _colon, rest = piece.partition(":")
        bare = rest if rest and word.casefold() in words else piece
        if bare and len(bare) <= LONGEST:
            found.append(bare)
    return found


def _glued(text: str) -> str:
    """A colon belongs to what follows: `批号： A0301` is one."""
    return re.sub(r"\s*[:：]\s*", ":", text)


def _read(actor: Actor, piece: str, customer: int) -> Referred:
    word, colon, rest = piece.partition(":")
    named = next((one for one in reference_kinds() if word.casefold() in one.words), None) if colon else None
    if named is not None and rest:
        key = rest if named.find is None else named.find(actor, rest, customer)
        if key is None and named.is_open:
            return Referred(named.name, tidy_key(rest), rest)
        if key is None:
            raise CaseError(
                _("There is no %(kind)s “%(text)s” of this customer.") % {"kind": named.label, "text": rest},
                "references",
            )
        return Referred(named.name, tidy_key(key), key if named.find else rest)
    for one in reference_kinds():
        key = one.find(actor, piece, customer) if one.find is not None else None
        if key is not None:
            return Referred(one.name, tidy_key(key), key)
    return Referred(TAKEN_AS, tidy_key(piece), piece)


def keep_references(case: Case, found: Iterable[Referred]) -> None:
    CaseReference.objects.bulk_create(
        CaseReference(case=case, kind=one.kind, key=one.key, label=one.label) for one in found
    )


def said(one: Referred | CaseReference) -> str:
    return f"{one.kind}:{one.label}"


def as_line(rows: Iterable[CaseReference]) -> str:
    """References as one types them, each with its kind."""
    return " ".join(said(one) for one in rows)


def addresses(actor: Actor, case: Case, rows: Iterable[CaseReference]) -> Mapping[tuple[str, str], str]:
    """Where what is referred to can be seen, as far as the actor may; by kind and key."""
    by_kind: dict[str, list[str]] = {}
    for one in rows:
        by_kind.setdefault(one.kind, []).append(one.key)
    found: dict[tuple[str, str], str] = {}
    for name, keys in by_kind.items():
        kind = reference_kind(name)
        if kind is not None and kind.urls is not None:
            found |= {(name, key): url for key, url in kind.urls(actor, keys, case.customer_id).items()}
    return found


def lots_of(case_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The lots of these cases, by case. One query."""
    found: dict[int, set[str]] = {}
    rows = CaseReference.objects.filter(kind=TAKEN_AS, case__in=list(case_ids))
    for case, key in rows.values_list("case_id", "key"):
        found.setdefault(case, set()).add(key)
    return {case: frozenset(keys) for case, keys in found.items()}
