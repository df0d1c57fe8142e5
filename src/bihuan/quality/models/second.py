"""The way of a mill certificate 3.2 to its two signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .certificate import Certificate, CertificateVersion
from .lot import Lot


class CertificateDraft(models.Model):
    """What the first of two signed, with no number yet: appended, never removed, and changed only where customers are merged.
    It waits until it has a `second`.

    `said` is what was signed, as in a version; `digest` the SHA-256 (hex) of what must still hold when the second signs.
    `follows` is the version that it would supersede, 0 for none. `further` as in a certificate.
    """

    kind = models.CharField(max_length=8, choices=Certificate.Kind)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="certificate_drafts")
    further = models.CharField(max_length=400, blank=True, default="")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="certificate_drafts"
    )
    follows = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    signer = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150)
    signer_post = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField()
    said = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["-signed_at", "-id"], name="certificate_draft_signed")]
        constraints = [
            models.CheckConstraint(condition=Q(follows=0) | ~Q(reason=""), name="certificate_draft_why")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DraftRecipient(models.Model):
    """To whom it is to be sent once it is issued. Goes with the contact, as of a version."""

    draft = models.ForeignKey(
        CertificateDraft, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    contact = models.ForeignKey("customers.Contact", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "contact"], name="certificate_draft_sent_once")
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.contact_id}"


class SecondSignature(models.Model):
    """How a draft ended, once: the inspector signed, which made `version`, or it was declined. Appended, never changed or removed.

    `person` is who of ours entered it. The signed page lies outside the database under its SHA-256.
    """

    draft = models.OneToOneField(CertificateDraft, on_delete=models.PROTECT, related_name="second")
    version = models.OneToOneField(
        CertificateVersion, on_delete=models.PROTECT, null=True, related_name="second"
    )
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    inspector = models.CharField(max_length=80, blank=True)
    organisation = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    inspected_on = models.DateField(null=True)
    page_sha256 = models.CharField(max_length=64, blank=True)
    page_name = models.CharField(max_length=200, blank=True)
    page_type = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(version__isnull=True) & ~Q(reason=""))
                | (Q(version__isnull=False, reason="") & ~Q(inspector="") & ~Q(page_sha256="")),
                name="second_signed_or_declined",
            )
        ]

    def __str__(self) -> str:
        return str(self.draft_id)
