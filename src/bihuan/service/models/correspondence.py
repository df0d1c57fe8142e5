from __future__ import annotations

from django.db import models
from django.db.models import Q

from .case import Case
from .event import CaseEvent


class CaseChannel(models.Model):
    """What becomes of mail to a channel that belongs to no case yet: without a row it waits in the inbox."""

    channel = models.OneToOneField(
        "messaging.Channel", on_delete=models.CASCADE, related_name="opens_cases", primary_key=True
    )
    opens = models.BooleanField(default=True)
    kind = models.CharField(max_length=20, choices=Case.Kind, default=Case.Kind.QUESTION)
    acknowledges = models.BooleanField(default=False)
    is_fact = False  # a setting

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind}"


class MailThread(models.Model):
    """A conversation by mail, known by the Message-ID of a mail in it; several rows may lead to one case.

    Its unique `key` is what lets two mails of one conversation that come at once make one case.
    """

    key = models.CharField(max_length=1010, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="mail_threads")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_to = models.CharField(max_length=254, blank=True)
    is_fact = False  # the program's own note

    class Meta:
        indexes = [
            models.Index(
                fields=["acknowledged_to", "acknowledged_at"],
                name="mail_thread_acknowledged",
                condition=Q(acknowledged_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.key[:80]


class CaseMail(models.Model):
    """A mail, in or out, and what it is to a case. The words stand in messaging's row and in the event.

    `standing`: taken (part of the conversation), held (a person has to say whether it is the customer's), refused (it is
    not), noted (a machine's word: kept, moves nothing), waiting (in the inbox, of no case yet).
    """

    class Standing(models.TextChoices):
        TAKEN = "taken"
        HELD = "held"
        REFUSED = "refused"
        NOTED = "noted"
        WAITING = "waiting"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="mails", db_index=False)
    thread = models.ForeignKey(MailThread, on_delete=models.PROTECT, null=True, related_name="mails")
    incoming = models.OneToOneField(
        "messaging.InMessage", on_delete=models.PROTECT, null=True, related_name="case_mail"
    )
    outgoing = models.OneToOneField(
        "messaging.OutMessage", on_delete=models.PROTECT, null=True, related_name="case_mail"
    )
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, null=True, related_name="mails")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.TAKEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_mail_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(incoming__isnull=False, outgoing__isnull=True)
                | Q(incoming__isnull=True, outgoing__isnull=False),
                name="case_mail_one_way",
            ),
            models.CheckConstraint(
                condition=Q(standing="waiting") | Q(case__isnull=False), name="case_mail_of_a_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.standing}"


class CaseNews(models.Model):
    """Somebody was told of something on a case that is no clock's: a mention, a mail, one that did not arrive. Told once."""

    class Kind(models.TextChoices):
        MENTIONED = "mentioned"
        RECEIVED = "received"
        HELD = "held"
        RETURNED = "returned"
        UNDELIVERED = "undelivered"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="news")
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="news")
    recipient = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="case_news", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    is_fact = False  # the program's own note

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "recipient", "kind"], name="case_news_once")]
        indexes = [
            models.Index(
                fields=["recipient", "-at"], name="case_news_unread", condition=Q(read_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class MentionsByMail(models.Model):
    """A person who wants mentions by mail, too."""

    person = models.OneToOneField(
        "people.User", on_delete=models.CASCADE, related_name="mentions_by_mail", primary_key=True
    )
    since = models.DateTimeField()
    is_fact = False  # a setting

    def __str__(self) -> str:
        return str(self.person_id)


class CaseTemplate(models.Model):
    """A text of the company's to begin with: a new case, an answer, a note. `kind` and `severity` are for new cases."""

    class Use(models.TextChoices):
        CASE = "case"
        ANSWER = "answer"
        NOTE = "note"

    use = models.CharField(max_length=10, choices=Use)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Case.Kind, blank=True)
    severity = models.PositiveSmallIntegerField(null=True)
    title = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=150)
    is_fact = False  # a setting

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use", "name"], name="case_template_once")]

    def __str__(self) -> str:
        return self.name
