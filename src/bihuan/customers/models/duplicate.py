from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DuplicateCluster(models.Model):
    """Records that the matcher takes for one, waiting for a person: companies, or contacts of one company.

    `is_certain`: the matcher would merge it by itself. Members and pairs are numbers, not foreign keys: they are notes of
    the program about facts and must not hold a fact back.
    """

    is_fact = False

    class Profile(models.TextChoices):
        COMPANY = "company", _("Companies")
        PERSON = "person", _("Persons")

    class State(models.TextChoices):
        OPEN = "open", _("To review")
        MERGED = "merged", _("Merged")
        DISMISSED = "dismissed", _("Not duplicates")

    profile = models.CharField(max_length=10, choices=Profile)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    probability = models.FloatField()
    is_certain = models.BooleanField(default=False)
    size = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "profile", "-probability"], name="duplicate_cluster_open")]

    def __str__(self) -> str:
        return f"{self.profile} {self.pk}"


class DuplicateMember(models.Model):
    """A record in a cluster: the id of a customer or of a contact, as the cluster's profile says."""

    is_fact = False

    cluster = models.ForeignKey(DuplicateCluster, on_delete=models.CASCADE, related_name="members")
    object_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "object_id"], name="duplicate_member_once")]

    def __str__(self) -> str:
        return f"{self.cluster_id}: {self.object_id}"


class DuplicatePair(models.Model):
    """How alike two members are: probability, and per field what agrees (`equal`, `similar`, `differs`, `missing`)."""

    is_fact = False

    cluster = models.ForeignKey(DuplicateCluster, on_delete=models.CASCADE, related_name="pairs")
    a_id = models.BigIntegerField()
    b_id = models.BigIntegerField()
    probability = models.FloatField()
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "a_id", "b_id"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(a_id__lt=F("b_id")), name="duplicate_pair_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.a_id}-{self.b_id}"


class NoDuplicate(models.Model):
    """Two records of which a person said that they are not one; they are not proposed again."""

    is_fact = False

    profile = models.CharField(max_length=10, choices=DuplicateCluster.Profile)
    a_id = models.BigIntegerField()
    b_id = models.BigIntegerField()
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "a_id", "b_id"], name="no_duplicate_once"),
            models.CheckConstraint(condition=Q(a_id__lt=F("b_id")), name="no_duplicate_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.a_id}-{self.b_id}"


class Merge(models.Model):
    """One merge of any number of records into a survivor, with what it takes to undo it."""

    is_fact = False

    profile = models.CharField(max_length=10, choices=DuplicateCluster.Profile)
    winner_id = models.BigIntegerField(db_index=True)
    loser_ids = models.JSONField()
    cluster = models.ForeignKey(DuplicateCluster, on_delete=models.SET_NULL, null=True, related_name="merges")
    values_before = models.JSONField(default=dict)
    values_after = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True)
    undo_result = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.profile} {self.winner_id} ← {self.loser_ids}"


class MergeMove(models.Model):
    """Rows of one table that a merge moved from one record to another: which column, and which rows."""

    is_fact = False

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="moves")
    table = models.CharField(max_length=80)
    column = models.CharField(max_length=60)
    from_id = models.BigIntegerField()
    to_id = models.BigIntegerField()
    ids = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["table", "column", "from_id"], name="merge_move_source")]

    def __str__(self) -> str:
        return f"{self.table}.{self.column}: {len(self.ids)}"
