"""Installing a pack, and making a company of it. One switch changes words, tags, products, targets,
service matrix and policies."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Characteristic, Product, ProductCharacteristic, Unit
from bihuan.customers.models import Customer, CustomerTag, Tag
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.console import say
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.kernel.time import local_date
from bihuan.quality.certificates.papers import PAPERS, put_papers_in_force
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.services import import_policy
from bihuan.sales.models import OrderLine
from bihuan.service.dispatch.store import DISPATCH, put_dispatching_in_force
from bihuan.service.matrix_store import SERVICE_MATRIX, put_matrix_in_force

from .pack import PACKS, Pack, read_pack
from .queries import KPI_TARGETS, PACK, forget_installed_pack

FROM_THE_START = date(2000, 1, 1)
DEMO_CUSTOMERS, DEMO_YEARS, DEMO_SEED = 400, 3, 20


def install_pack(name: str, demo: bool = False, *, now: datetime) -> dict[str, int]:
    """Put a pack in force, with a made company if asked and there is none; returns `{"customers": n}`.

    Facts are never touched: with customers in the database, `demo` adds none and says so. Refuses an unknown name.
    """
    pack = read_pack(name)
    switch_pack(actor=SYSTEM, pack=pack, now=now)
    if demo:
        if Customer.objects.exists():
            say(_("There are customers already: they stay as they are, and no demo company is added."))
        else:
            load_demo(pack.name, now=now)
            tell_sign_ins()
    return {"customers": Customer.objects.filter(merged_into=None).count()}


def load_demo(pack: str, *, now: datetime) -> None:
    """A small made company, the same for everybody on the same day, with its lots in the evidence log and tiers decided."""
    from .simulation.after import make_ready
    from .simulation.dispatch import make_dispatch
    from .simulation.plants.proving import prove_plant
    from .simulation.run import simulate

    simulate(
        actor=SYSTEM, pack=pack, customers=DEMO_CUSTOMERS, years=DEMO_YEARS, seed=DEMO_SEED,
        until=local_date(now), now=now,
    )  # fmt: skip
    prove_plant(pack, now=now)
    make_ready(decide=True, now=now)
    make_dispatch(pack, now=now)


def tell_sign_ins() -> None:
    """Say who can sign in to the demo, and with which password."""
    from .simulation.staff import read_sign_ins

    for one in read_sign_ins():
        say(f"  {one['username']:<12} {one['password']}   {one['role']} {one['name']}")


@transaction.atomic
def switch_pack(*, actor: Actor, pack: Pack, now: datetime) -> None:
    """Change words, tags, products, targets, service matrix and policies to those of a pack. Installed again, it changes nothing."""
    require(actor, "setting", "administer")
    before = get_setting(PACK)
    install_tags(pack)
    install_products(pack, now)
    install_units(pack, now)
    retire_others(pack)
    first = before in (None, pack.name) or not Customer.objects.exists()
    install_policies(actor, pack, first=first, now=now)
    if before != pack.name or get_setting(SERVICE_MATRIX) is None:
        put_matrix_in_force(actor=actor, document=pack.service, from_start=first, now=now)
    if before != pack.name or get_setting(DISPATCH) is None:
        put_dispatching_in_force(actor=actor, document=pack.dispatch, now=now)
    if before != pack.name or get_setting(PAPERS) is None:
        put_papers_in_force(actor=actor, document=pack.certificates, now=now)
    if before != pack.name or get_setting(KPI_TARGETS) is None:
        change_setting(KPI_TARGETS, [plain_json(one) for one in pack.kpis], now=now)
    if before != pack.name:
        change_setting(PACK, pack.name, now=now)
        record(
            actor, now, "pack.installed", object_type="pack", object_id=pack.name, object_name=pack.name,
            before={"pack": before}, after={"pack": pack.name},
        )  # fmt: skip
    transaction.on_commit(forget_installed_pack)


def plain_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str, ensure_ascii=False))


def install_tags(pack: Pack) -> None:
    Tag.objects.bulk_create(
        (
            Tag(code=one.code, label=one.label, label_en=one.label_en, group=one.group, colour=one.colour)
            for one in pack.tags
        ),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["label", "label_en", "group", "colour"],
    )


def install_units(pack: Pack, now: datetime) -> None:
    """The factors of the pack's units take the place of all others; volumes are computed again where they changed."""
    if dict(Unit.objects.values_list("code", "in_base_units")) == dict(pack.factors):
        return
    Unit.objects.all().delete()
    Unit.objects.bulk_create(Unit(code=code, in_base_units=many) for code, many in pack.factors.items())
    mark_all_changed(["order_lines"], now=now)


def install_products(pack: Pack, now: datetime) -> None:
    """Products that are there already stay as the company has them."""
    Characteristic.objects.bulk_create(
        (
            Characteristic(
                code=one.code, name=one.name, name_en=one.name_en, unit=one.unit, method=one.method
            )
            for one in pack.characteristics
        ),
        ignore_conflicts=True,
    )
    known = set(
        Product.objects.filter(code__in=[one.code for one in pack.products]).values_list("code", flat=True)
    )
    fresh = [one for one in pack.products if one.code not in known]
    Product.objects.filter(code__in=known, is_active=False).update(is_active=True)
    Product.objects.bulk_create(
        Product(
            code=one.code, name=one.name, name_en=one.name_en, family=one.family, grade=one.grade, unit=one.unit,
            list_price=one.list_price, description=one.description, created_at=now, updated_at=now,
        )
        for one in fresh
    )  # fmt: skip
    products = {one.code: one for one in Product.objects.filter(code__in=[one.code for one in fresh])}
    measured = {one.code: one for one in Characteristic.objects.all()}
    ProductCharacteristic.objects.bulk_create(
        ProductCharacteristic(
            product=products[one.code], characteristic=measured[limit.characteristic], lower=limit.lower,
            upper=limit.upper, valid_from=limit.valid_from,
        )
        for one in fresh
        for limit in one.limits
    )  # fmt: skip


def retire_others(pack: Pack) -> None:
    """What other packs brought goes where nothing uses it; products that were sold stay, but are no longer offered."""
    others = [read_pack(name) for name in PACKS if name != pack.name]
    own_tags = {one.code for one in pack.tags}
    tags = {one.code for other in others for one in other.tags} - own_tags
    used = CustomerTag.objects.filter(tag=OuterRef("pk"))
    Tag.objects.filter(~Exists(used), code__in=tags).delete()
    own_products = {one.code for one in pack.products}
    codes = {one.code for other in others for one in other.products} - own_products
    sold = OrderLine.objects.filter(product=OuterRef("pk"))
    delivered = Product.objects.filter(code__in=codes)
    delivered.filter(Exists(sold)).update(is_active=False)
    unused = delivered.filter(~Exists(sold), version=1)
    unused.delete()


def install_policies(actor: Actor, pack: Pack, *, first: bool, now: datetime) -> None:
    """Bring the pack's policies in force: from the start where nothing was decided under another pack, else from today."""
    own = {str(one["id"]) for one in pack.policies}
    others = {str(one["id"]) for name in PACKS if name != pack.name for one in read_pack(name).policies} - own
    start = FROM_THE_START if first else local_date(now)
    ending = PolicyVersion.objects.filter(policy__name__in=others, state=PolicyVersion.State.APPROVED)
    ending = ending.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=start))
    for version in ending.select_related("policy"):
        version.valid_to = max(start, version.valid_from or start)
        version.save(update_fields=["valid_to"])
        record(actor, now, "policy.ended", version, after={"valid_to": version.valid_to.isoformat()})
    for document in pack.policies:
        name = str(document["id"])
        versions = PolicyVersion.objects.filter(policy__name=name, state=PolicyVersion.State.APPROVED)
        if versions.filter(valid_to__isnull=True).exists():
            continue  # in force, perhaps as the company changed it
        number = versions.count()
        wording = {**document, "version": int(document.get("version", 1)) + number} if number else document
        import_policy(actor=actor, document=wording, valid_from=start, now=now)
