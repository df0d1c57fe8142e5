"""Certificates: one for each post's customer and lot, and every way to look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.files import keep
from bihuan.kernel.pages.lists import lists
from bihuan.people.models import User
from bihuan.quality.models import (
    Certificate,
    CertificateNotice,
    CertificateRecipient,
    CertificateVersion,
    Lot,
)
from bihuan.quality.naming import lot_name

from . import world as planting
from .company import plant
from .doors import client_of, neighbours, ordered, page, panels, panels_bare, read
from .matrix import Door
from .second import plant_second, plant_several, second_doors

if TYPE_CHECKING:
    from .world import Filler, World

PUBLIC = FieldClass.PUBLIC


def plant_certificate(world: World, filler: Filler, whose: str) -> None:
    """A certificate of the lot of the same person, for its customer, and sent to its contact; and one for nobody in particular.

    Each has a draft beside it, and an inspector's page. The stranger's was signed by the salesperson, who is told of it and does not see it any more.
    """
    lot, customer = world.rows["lot", whose], world.rows["customer", whose]
    Lot.objects.filter(pk=lot.pk).update(disposition=Lot.Status.RELEASED)
    row = make(world, filler, whose, lot, customer)
    world.rows["certificate", whose] = row
    version = row.versions.get()
    CertificateRecipient.objects.create(version=version, contact=world.rows["contact", whose])
    if whose == "other":
        CertificateNotice.objects.create(
            version=version, recipient=world.people["salesperson"], at=planting.NOON
        )
    if whose in ("team", "other"):
        make(world, filler, whose, lot, None)
    plant_second(world, filler, whose, row)


def plant_strangers(world: World, filler: Filler) -> None:
    """Of each lot the stranger's customer, which has a part of it, has a certificate, too."""
    for (name, whose), lot in list(world.rows.items()):
        if name == "lot" and whose != "other":
            row = make(world, filler, "other", lot, world.rows["customer", "other"])
            plant(world, "certificate", "number", PUBLIC, row.number, row.pk, "other")
            plant_several(world, filler, make, lot, world.rows["lot", "other"])


def make(world: World, filler: Filler, whose: str, lot: Lot, customer: Any, further: str = "") -> Certificate:
    row = Certificate()
    given = {"lot": lot, "customer": customer, "further": further, "changed_at": None, "version": 1}
    filler.fill(row, given).save()
    words = {name: filler.word() for name in ("result", "characteristic", "signer", "paper", "reason")}
    said = {
        "rows": [{"result": "0", "characteristic": "0", "name": words["characteristic"], "said": words["result"]}],
        "origins": [], "on": "2026-03-02", "signer": {"name": words["signer"]}, "log": {},
    }  # fmt: skip
    CertificateVersion.objects.create(
        certificate=row, version=1, issued_at=planting.NOON, signer_name=words["signer"], language="zh", said=said,
        sha256=keep(words["paper"].encode()), log_size=0,
    )  # fmt: skip
    if customer is not None:
        for name in ("result", "characteristic", "signer", "paper"):
            plant(world, "certificate", name, PUBLIC, words[name], row.pk, whose)
    return row


def certificate_doors(world: World) -> list[Door]:
    shown = {"number", "lot", "product", "customer", "result", "characteristic", "signer"}
    return [
        *second_doors(world),
        Door("page certificate", "page", "certificate", page("certificate"), promises=frozenset(shown)),
        Door("paper of certificate", "page", "certificate", of_version("certificate_paper"), promises=frozenset({"paper"})),
        Door("issue certificate", "page", "certificate", issuing, action="sign"),
        Door("template of certificates", "page", "customer", page("certificate_template")),
        Door("panels lot", "panel", "lot", panels("lot")),
        Door("panels lot, bare", "panel", "lot", panels_bare("lot")),
        Door("neighbours of certificate", "search", "certificate", neighbours(lists["certificates"])),
        Door("guess by order of certificates", "search", "certificate", ordered(world, lists["certificates"]), many=True),
    ]  # fmt: skip


def of_version(name: str) -> Callable[[User, Any], str]:
    return lambda user, row: read(client_of(user).get(reverse(name, args=[row.versions.get().pk])))


def issuing(user: User, row: Certificate) -> str:
    """What is shown before signing: for nobody in particular, and for the customer. What was asked for is repeated."""
    lot = lot_name(row.lot)
    asked = ({"lot": lot}, {"lot": lot, "customer": str(row.customer_id)})
    texts = [read(client_of(user).get(reverse("certificate_issue"), one)) for one in asked]
    found = "\n".join(texts)
    return found.replace(lot, "") if "There is no lot" in found or "没有批次" in found else found


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SIGNERS = "who signs sees all of these in both tables, and that a lot went there is no planted value; its room's tests narrow it"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("quality/certificates/preparing.py", "prepare", "visible_to"): (
        "lot and customer were looked up among what the actor sees; signing asks again"
    ),
    ("quality/certificates/queries.py", "customers_for", "visible_to"): SIGNERS,
    ("quality/certificates/queries.py", "contacts_for", "visible_to"): SIGNERS,
    (
        "quality/certificates/queries.py",
        "contacts_for",
        "may_read",
    ): "whom it can be sent to; no address is shown",
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/certificates/issuing.py", "_check_recipients", "visible_to"): A_WRITE,
    ("quality/certificates/papers.py", "save_template", "visible_to"): A_WRITE,
    ("quality/published/publishing.py", "save_publication", "visible_to"): A_WRITE,
}
