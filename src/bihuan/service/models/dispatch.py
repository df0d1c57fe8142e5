"""Service stations, kits, technicians, and visits on site."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.models import Tracked

from .case import Case


class Station(Tracked):
    """A place from which technicians and kits set out. Latitude and longitude in degrees (WGS 84); `calendar` is the name of
    one of the packaged calendars, whose hours its people work unless they have their own."""

    name = models.CharField(max_length=80, unique=True)
    city = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    calendar = models.CharField(max_length=40, default="cn-office-9x5")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="station_on_earth",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Technician(Tracked):
    """Somebody of the staff who is sent to customers. `skills`: codes of the company's dispatch document."""

    user = models.OneToOneField("people.User", on_delete=models.PROTECT, related_name="technician")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="technicians")
    skills = models.JSONField(default=list)
    calendar = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.user)


class Kit(Tracked):
    """A mobile test kit: at a station, or carried by a technician. `kind`: a code of the dispatch document."""

    class Status(models.TextChoices):
        READY = "ready", pgettext_lazy("kit", "Ready")
        SERVICING = "servicing", pgettext_lazy("kit", "Being serviced")
        RETIRED = "retired", pgettext_lazy("kit", "Retired")

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=40)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="kits")
    carrier = models.ForeignKey(
        Technician, on_delete=models.SET_NULL, null=True, blank=True, related_name="kits"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)

    def __str__(self) -> str:
        return self.code


class Absence(models.Model):
    """A technician is away, from the first day to the last, both included."""

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="absences")
    first_on = models.DateField()
    last_on = models.DateField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="absence_in_order"),
            models.UniqueConstraint(fields=["technician", "first_on", "last_on"], name="absence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.technician_id} {self.first_on}"


class TechnicianCertificate(models.Model):
    """A certificate for an industry; valid from the first day to the last, both included; without an end, for good."""

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="certificates")
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=60, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="technician_certificate_in_order",
            ),
            models.UniqueConstraint(
                fields=["technician", "kind", "valid_from"], name="technician_certificate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.technician_id} {self.kind}"


class Training(models.Model):
    """Hours of training on a day. What counts as a year's is reckoned over the days that the document says."""

    technician = models.ForeignKey(Technician, on_delete=models.CASCADE, related_name="trainings")
    held_on = models.DateField()
    hours = models.DecimalField(max_digits=5, decimal_places=1)
    subject = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=Decimal(0)), name="training_hours"),
            models.UniqueConstraint(fields=["technician", "held_on", "subject"], name="training_once"),
        ]

    def __str__(self) -> str:
        return f"{self.technician_id} {self.held_on}"


class Visit(Tracked):
    """A technician goes to a customer about a case.

    `leaves_at` to `ends_at` is the technician's time that it takes; `starts_at` is when they are to arrive. No technician has
    two visits at a time, and no kit: planning sees to it under a lock. What happened stands in `VisitEvent`.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("visit", "Planned")
        UNDER_WAY = "under_way", pgettext_lazy("visit", "On the way")
        ON_SITE = "on_site", pgettext_lazy("visit", "On site")
        DONE = "done", pgettext_lazy("visit", "Done")
        CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    technician = models.ForeignKey(Technician, on_delete=models.PROTECT, related_name="visits")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, null=True, blank=True, related_name="visits")
    site = models.ForeignKey(
        "customers.Site", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    purpose = models.CharField(max_length=200)
    leaves_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    override_reason = models.CharField(max_length=300, blank=True)
    set_out_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    distance_m = models.PositiveIntegerField(null=True, blank=True)
    findings = models.TextField(blank=True)
    readings = models.TextField(blank=True)
    signed_by = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signature = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["technician", "leaves_at"], name="visit_of_technician"),
            models.Index(fields=["starts_at", "id"], name="visit_starts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(leaves_at__lte=F("starts_at"), starts_at__lt=F("ends_at")), name="visit_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | ~Q(cancel_reason=""), name="visit_cancelled_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_at__isnull=False), name="visit_done_says_when"
            ),
        ]

    def __str__(self) -> str:
        return self.purpose

    @property
    def is_open(self) -> bool:
        return self.status not in (self.Status.DONE, self.Status.CANCELLED)


class VisitSample(models.Model):
    """A sample drawn on site. `due_at`: by when its result is promised, as the promise stood; none where nothing is promised."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="samples")
    number = models.CharField(max_length=40)
    taken_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=500, blank=True)
    result_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_sample_once"),
            models.CheckConstraint(
                condition=Q(result_at__isnull=True, result="")
                | Q(result_at__isnull=False, result_at__gte=F("taken_at")) & ~Q(result=""),
                name="visit_sample_result",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VisitEvent(models.Model):
    """One thing that happened to a visit: appended, never changed or removed (see `dispatch.protection`)."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["visit", "id"], name="visit_event_of")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.kind}"
