from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked

from .case import Case
from .quality_cost import QualityCost


class Objection(Tracked):
    """A quality objection, from its report to its closing: what the customer says and what is agreed. Of one case.

    What happened stands in `ObjectionEvent`; `stage` is the last stage that is done, kept for lists, as are what was
    accepted. Quantities are in `unit`, amounts in the currency of the approvals. Why it happened is worked out in the
    investigation that the case points to, which is a record of its own.
    """

    class Stage(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("objection", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("objection", "Submitted")
        ADMITTED = "admitted", pgettext_lazy("objection", "Admitted")
        REFUSED = "refused", pgettext_lazy("objection", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("objection", "Withdrawn")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("objection", "Acknowledged")
        ASSESSED = "assessed", pgettext_lazy("objection", "Severity assessed")
        CHECKED = "checked", pgettext_lazy("objection", "Checked and sampled")
        LIABILITY = "liability", pgettext_lazy("objection", "Liability settled")
        PROPOSAL = "proposal", pgettext_lazy("objection", "Settlement proposed")
        SIGNED = "signed", pgettext_lazy("objection", "Agreement signed")
        SETTLED = "settled", pgettext_lazy("objection", "Settled")
        CORRECTED = "corrected", pgettext_lazy("objection", "Corrective action taken")
        EFFECTIVE = "effective", pgettext_lazy("objection", "Effect checked")
        CLOSED = "closed", pgettext_lazy("objection", "Closed")

    class About(models.TextChoices):
        """As in the matrix's windows."""

        APPEARANCE = "appearance", pgettext_lazy("objection", "Appearance")
        QUANTITY = "quantity", pgettext_lazy("objection", "Weight or count")
        QUALITY = "quality", pgettext_lazy("objection", "Quality")

    number = models.CharField(max_length=40, unique=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="objection")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.DRAFT, editable=False)
    raised_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    contract = models.CharField(max_length=60, blank=True)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lot = models.CharField(max_length=60, blank=True)
    specification = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=10, choices=About, default=About.QUALITY)
    defect = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=12, blank=True)
    quantity_delivered = FixedField(null=True, blank=True)
    quantity_claimed = FixedField(null=True, blank=True)
    location = models.CharField(max_length=200, blank=True)
    remedy_wanted = models.CharField(max_length=200, blank=True)
    amount_claimed = FixedField(null=True, blank=True)
    resale_chain = models.CharField(max_length=500, blank=True)
    is_use_stopped = models.BooleanField(default=False)
    are_tags_kept = models.BooleanField(default=False)
    papers = models.JSONField(default=list, blank=True)
    quantity_accepted = FixedField(null=True, blank=True, editable=False)
    amount_accepted = FixedField(null=True, blank=True, editable=False)
    settlement = models.ForeignKey(
        "sales.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    cost = models.ForeignKey(
        QualityCost, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["opened_at", "id"], name="objection_opened")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity_claimed__isnull=True) | Q(quantity_claimed__gt=0),
                name="objection_claims_something",
            ),
            models.CheckConstraint(
                condition=Q(amount_claimed__isnull=True) | Q(amount_claimed__gte=0),
                name="objection_amount_claimed",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ObjectionEvent(models.Model):
    """One thing that happened to an objection: appended, never changed or removed (see `objection.protection`).

    A stage that is done is an event of its name. `field_class`: who among the staff may read what it says.
    """

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)
    field_class = models.CharField(max_length=12, default="public")

    class Meta:
        indexes = [models.Index(fields=["objection", "id"], name="objection_event_of")]

    def __str__(self) -> str:
        return f"{self.objection_id} {self.kind}"


class ObjectionSample(models.Model):
    """A sample that both sides took together, and its twin that is kept sealed for a referee.

    Where a side disputes the result, the twin is tested: what it shows takes the place of the first result, which stays in
    `first_result`. There is one twin, so one dispute.
    """

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="samples")
    number = models.CharField(max_length=60)
    place = models.CharField(max_length=200)
    taken_on = models.DateField()
    ours_present = models.CharField(max_length=200)
    theirs_present = models.CharField(max_length=200)
    retained_number = models.CharField(max_length=60)
    is_sealed = models.BooleanField()
    countersigned_by_us = models.CharField(max_length=100, blank=True)
    countersigned_by_them = models.CharField(max_length=100, blank=True)
    laboratory = models.CharField(max_length=120, blank=True)
    is_referee = models.BooleanField(default=False)
    result = models.CharField(max_length=500, blank=True)
    is_conforming = models.BooleanField(null=True)
    result_on = models.DateField(null=True)
    disputed_at = models.DateTimeField(null=True)
    dispute = models.CharField(max_length=300, blank=True)
    first_result = models.CharField(max_length=500, blank=True)
    retested_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disputed_at__isnull=True, retested_at__isnull=True)
                | Q(disputed_at__isnull=False, result_on__isnull=False),
                name="objection_retest_after_dispute",
            ),
            models.UniqueConstraint(fields=["objection", "number"], name="objection_sample_number"),
            models.CheckConstraint(
                condition=Q(result_on__isnull=True, is_conforming__isnull=True)
                | Q(result_on__isnull=False, is_conforming__isnull=False),
                name="objection_result_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ObjectionOffer(models.Model):
    """A settlement as it is proposed, in versions: another amount is another version, which nobody has approved yet."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="offers", db_index=False)
    version = models.PositiveSmallIntegerField()
    quantity_accepted = FixedField()
    amount = FixedField()
    text = models.CharField(max_length=1000, blank=True)
    proposer = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    proposer_name = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["objection", "version"], name="objection_offer_version"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, quantity_accepted__gte=0), name="objection_offer_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objection_id}/{self.version}"


class ObjectionRemedy(models.Model):
    """One remedy of an offer; `remedy` as in the matrix. `quantity`: what it concerns, where it concerns a part."""

    offer = models.ForeignKey(ObjectionOffer, on_delete=models.CASCADE, related_name="remedies")
    remedy = models.CharField(max_length=20)
    quantity = FixedField(null=True)
    amount = FixedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "remedy"], name="objection_remedy_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="objection_remedy_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.remedy}"


class ObjectionApproval(models.Model):
    """Somebody with the limit approved an offer. It is of that version: another one needs another approval."""

    offer = models.ForeignKey(ObjectionOffer, on_delete=models.PROTECT, related_name="approvals")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    party = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "user"], name="objection_approved_once")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.name}"


class ObjectionAgreement(models.Model):
    """The agreement on paper: the PDF as it was made of an offer, and the copy that both sides signed.

    Contents lie outside the database under their digests. A newer version supersedes the older, which is kept.
    """

    objection = models.ForeignKey(
        Objection, on_delete=models.PROTECT, related_name="agreements", db_index=False
    )
    offer = models.ForeignKey(ObjectionOffer, on_delete=models.PROTECT, related_name="agreements")
    version = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    signed_name = models.CharField(max_length=200, blank=True)
    signed_type = models.CharField(max_length=80, blank=True)
    signed_on = models.DateField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["objection", "version"], name="objection_agreement_version"),
            models.UniqueConstraint(
                fields=["objection"], condition=Q(superseded_at__isnull=True), name="objection_one_agreement"
            ),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True) | ~Q(signed_sha256=""), name="objection_signed_copy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objection_id}/{self.version}"
