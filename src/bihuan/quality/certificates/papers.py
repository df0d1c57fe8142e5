"""How a certificate looks: title, standard, statement, language. The company's own words, those of its industry, the customer's wishes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.settings_store import change_setting, get_setting

from ..errors import LotError
from ..models import Certificate, CertificateTemplate

PAPERS = "quality.certificates"
Kind = Certificate.Kind


@dataclass(frozen=True, slots=True)
class Paper:
    """`characteristics`: the codes to print, in order; empty means all that were tested or are specified."""

    language: str
    title: Mapping[str, str]
    standard: str
    statement: Mapping[str, str]
    characteristics: tuple[str, ...] = ()


@cache
def delivered() -> dict[str, Any]:
    text = Path(__file__).with_name("default_papers.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def check_papers(document: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` for a document that says what no certificate takes."""
    for kind, given in document.items():
        if kind not in Kind.values:
            raise ValueError(f"{kind}: there is no such certificate")
        if set(given) - {"language", "title", "standard", "statement", "characteristics"}:
            raise ValueError(f"{kind}: {sorted(given)}")
        for name in ("title", "statement"):
            if name in given and set(given[name]) != {"zh-Hans", "en"}:
                raise ValueError(f"{kind}.{name}: zh-Hans and en")
        if given.get("language", "zh") not in CertificateTemplate.Language.values:
            raise ValueError(f"{kind}.language: {given['language']}")


def put_papers_in_force(*, actor: Actor, document: Mapping[str, Any], now: datetime) -> None:
    """Put an industry's papers in force; the same again changes nothing."""
    require(actor, "setting", "administer")
    plain = json.loads(json.dumps(document, default=dict, ensure_ascii=False))
    check_papers(plain)
    if get_setting(PAPERS) != plain:
        change_setting(PAPERS, plain, now=now)
        record(
            actor, now, "certificates.changed", object_type="setting", object_id=PAPERS, object_name=PAPERS,
            after={"papers": sorted(plain)},
        )  # fmt: skip


def paper_for(kind: str, customer: Customer | None) -> Paper:
    """What counts for a certificate of that kind: the customer's wishes over the industry's words over the delivered ones."""
    given = {**delivered()[kind], **(get_setting(PAPERS) or {}).get(kind, {})}
    own = CertificateTemplate.objects.filter(customer=customer, kind=kind).first() if customer else None
    statement = given["statement"]
    if own is not None and own.statement:
        statement = {"zh-Hans": own.statement, "en": own.statement}
    return Paper(
        language=own.language if own else given["language"],
        title=given["title"],
        standard=(own.standard if own else "") or given["standard"],
        statement=statement,
        characteristics=tuple((own.characteristics if own else None) or given.get("characteristics", ())),
    )


@transaction.atomic
def save_template(
    *,
    actor: Actor,
    customer: Customer,
    kind: str,
    language: str,
    standard: str,
    statement: str,
    characteristics: str,
    now: datetime,
) -> CertificateTemplate:
    """How a customer wants certificates of a kind. `characteristics`: codes, parted by commas or blanks."""
    require(actor, "certificate", "sign")
    if not CUSTOMER.visible_to(actor).filter(pk=customer.pk).exists():
        raise Http404("customer")
    codes = list(dict.fromkeys(characteristics.replace("，", " ").replace(",", " ").split()))
    known = set(Characteristic.objects.filter(code__in=codes).values_list("code", flat=True))
    unknown = [one for one in codes if one not in known]
    if unknown:
        raise LotError(
            _("There is no characteristic “%(code)s”.") % {"code": unknown[0]},
            "characteristics",
            "characteristics",
        )
    row, _made = CertificateTemplate.objects.update_or_create(
        customer=customer, kind=kind,
        defaults={
            "language": language, "standard": standard.strip(), "statement": statement.strip(),
            "characteristics": codes, "updated_at": now,
        },
    )  # fmt: skip
    record(actor, now, "certificate_template.changed", customer, after={"kind": kind, "language": language})
    return row
