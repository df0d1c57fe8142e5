from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.models import Tracked

from .customer import Customer


class Contact(Tracked):
    """A person at a customer, with the part that person plays in its decisions."""

    class ChainRole(models.TextChoices):
        DECIDER = "decider", _("Decides")
        INFLUENCER = "influencer", _("Influences")
        BUYER = "buyer", _("Buys")
        TECHNICAL = "technical", _("Technical")
        QUALITY = "quality", _("Quality")
        FINANCE = "finance", _("Finance")
        USER = "user", _("Uses")
        GATEKEEPER = "gatekeeper", _("Gatekeeper")

    external_id = models.CharField(max_length=60, null=True, blank=True, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=80, blank=True)
    chain_role = models.CharField(max_length=12, choices=ChainRole, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    wechat = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
