"""Which of our products another company means, and what other companies call ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor, require
from bihuan.quality.models import EpcisProduct

from .classes import code_of, unit_name
from .telling import Part, text_of

CHUNK = 500


def remember(products: Mapping[str, Product]) -> None:
    """That these URIs mean these products; what a URI meant before, it means no longer."""
    for uri, product in products.items():
        EpcisProduct.objects.update_or_create(uri=uri, defaults={"product": product})


def products_of(
    uris: Iterable[str], parts: Iterable[Part], *, actor: Actor, enter: bool, now: datetime
) -> dict[str, int]:
    """Our products by what others call them: those that were named so before, then those whose code is the GTIN itself.

    `enter`: products that are not known are entered, not for sale, under the code that they have with whoever exported
    them or else their GTIN; a code that is taken is not guessed to be the same product.
    """
    wanted = sorted(set(uris))
    found: dict[str, int] = {}
    for at in range(0, len(wanted), CHUNK):
        rows = EpcisProduct.objects.filter(uri__in=wanted[at : at + CHUNK])
        found |= dict(rows.values_list("uri", "product_id"))
    left = [one for one in wanted if one not in found]
    spelled = {form: uri for uri in left if uri.startswith("http") for form in _gtin_forms(code_of(uri))}
    taken = _by_code(spelled)
    found |= {spelled[code]: pk for code, pk in taken.items()}
    left = [one for one in left if one not in found]
    if enter and left:
        found |= _entered(left, parts, actor, now)
    return found


def _gtin_forms(gtin: str) -> list[str]:
    """A GTIN of 14 digits, and the shorter forms that it is the same as."""
    return [gtin, *(gtin[-size:] for size in (13, 12, 8) if not gtin[:-size].strip("0"))]


def _by_code(codes: Iterable[str]) -> dict[str, int]:
    wanted = sorted(codes)
    found: dict[str, int] = {}
    for at in range(0, len(wanted), CHUNK):
        rows = Product.objects.filter(code__in=wanted[at : at + CHUNK])
        found |= dict(rows.values_list("code", "pk"))
    return found


def _entered(uris: list[str], parts: Iterable[Part], actor: Actor, now: datetime) -> dict[str, int]:
    require(actor, "product", "create")
    said: dict[str, Part] = {}
    for one in parts:
        name = one.named.product
        if name not in said or (one.hint and not said[name].hint):
            said[name] = one
    new: dict[str, tuple[str, Product]] = {}
    for uri in uris:
        part = said[uri]
        code = text_of(part.hint.get("product"), 60) or text_of(code_of(uri), 60)
        if code and code not in new:
            new[code] = uri, Product(
                code=code, name=text_of(part.hint.get("name"), 200) or code, is_active=False,
                unit=text_of(part.hint.get("unit"), 20) or unit_name(part.code), created_at=now, updated_at=now,
            )  # fmt: skip
    for code in _by_code(new):
        del new[code]
    Product.objects.bulk_create(product for _uri, product in new.values())
    EpcisProduct.objects.bulk_create(EpcisProduct(uri=uri, product=product) for uri, product in new.values())
    for _uri, product in new.values():
        record(actor, now, "product.create", product, note="EPCIS")
    return {uri: product.pk for uri, product in new.values()}
