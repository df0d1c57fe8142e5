from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.models import Tracked

from .lot import Lot


class Certificate(Tracked):
    """A paper about a lot, for one customer or in general. What it says stands in its versions; the newest one counts.

    Of several lots, `lot` is the one with the lowest id, all of them stand in `CertificateLot`, and `further` holds the ids of the
    others in ascending order, parted by commas: so that of the same lots there is one. `version` and `issued_at` are those of the newest version. `changed_at`: since when results, limits
    of its day, or for which order its lots are, differ from what it says.
    """

    class Kind(models.TextChoices):
        COA = "coa", pgettext_lazy("certificate", "Certificate of analysis")
        MILL_31 = "mill_31", pgettext_lazy("certificate", "Mill certificate 3.1")
        MILL_32 = "mill_32", pgettext_lazy("certificate", "Mill certificate 3.2")
        ORIGIN = "origin", pgettext_lazy("certificate", "Origin report")

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="certificates", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    further = models.CharField(max_length=400, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    issued_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "kind", "customer", "further"],
                name="certificate_of_lots",
                condition=Q(customer__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["lot", "kind", "further"],
                name="certificate_general_lots",
                condition=Q(customer__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "kind"], name="certificate_lot"),
            models.Index(fields=["-issued_at", "-id"], name="certificate_issued"),
        ]

    def __str__(self) -> str:
        return self.number


class CertificateLot(models.Model):
    """One of the lots of a certificate of several; a certificate of one lot has none of these."""

    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="lots", db_index=False
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="certificate_lots")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certificate", "lot"], name="certificate_lot_once")]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.lot_id}"


class CertificateVersion(models.Model):
    """What a certificate said and who signed it: appended, never changed or removed.

    `said` holds results, limits, lot, signer, wording and the orders that it names as they stood; the paper is the kept file `sha256`.
    `log_size` and `log_root` (hex) are the head of the evidence log that is printed on it.
    """

    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    version = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    signer = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    signer_name = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=4)
    said = models.JSONField()
    sha256 = models.CharField(max_length=64)
    log_size = models.PositiveBigIntegerField()
    log_root = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "version"], name="certificate_version_once"),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="certificate_superseded_why"),
        ]
        indexes = [models.Index(fields=["sha256"], name="certificate_paper")]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.version}"


class CertificateRecipient(models.Model):
    """To whom a version was sent. Goes with the contact, so that a person can be forgotten."""

    version = models.ForeignKey(
        CertificateVersion, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    contact = models.ForeignKey("customers.Contact", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "contact"], name="certificate_sent_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.contact_id}"


class CertificateNotice(models.Model):
    """A signer was told that something changed since. One for each version, told anew when limits of its day are corrected again, or
    when it is overtaken again."""

    version = models.OneToOneField(CertificateVersion, on_delete=models.CASCADE, related_name="notice")
    recipient = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="certificate_notices", db_index=False
    )
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    is_fact = False  # the program's own note

    class Meta:
        indexes = [
            models.Index(
                fields=["recipient", "-at"],
                name="certificate_notice_unread",
                condition=Q(read_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.version_id)


class CertificateTemplate(models.Model):
    """How a customer wants its certificates; what is empty is as the industry's own."""

    class Language(models.TextChoices):
        CHINESE = "zh", _("Chinese")
        ENGLISH = "en", _("English")
        BOTH = "both", _("Chinese and English")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Certificate.Kind)
    language = models.CharField(max_length=4, choices=Language, default=Language.CHINESE)
    standard = models.CharField(max_length=120, blank=True)
    statement = models.CharField(max_length=500, blank=True)
    characteristics = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind"], name="certificate_template_of")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind}"


class ProductPublication(models.Model):
    """What the public page of a product's lots shows beside product and number. A product without one shows no more."""

    product = models.OneToOneField("catalog.Product", on_delete=models.CASCADE, related_name="publication")
    gtin = models.CharField("GTIN", max_length=14, null=True, blank=True, unique=True)
    shows_dates = models.BooleanField(_("Dates made and usable until"), default=False)
    shows_storage = models.BooleanField(_("How to store it"), default=False)
    shows_certificate = models.BooleanField(_("Certificate of analysis or mill certificate"), default=False)
    shows_origin = models.BooleanField(_("Where its raw materials come from"), default=False)
    storage = models.CharField(_("Storage"), max_length=200, blank=True)
    storage_en = models.CharField(_("Storage, in English"), max_length=200, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.product_id)
