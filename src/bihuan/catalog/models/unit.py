from django.db import models

from bihuan.kernel.fields import FixedField


class Unit(models.Model):
    """A unit that goods are counted in, and how many of the company's base unit one of it is.

    Only units with such a factor are listed; goods in others count as they stand.
    """

    code = models.CharField(max_length=20, unique=True)
    in_base_units = FixedField()

    def __str__(self) -> str:
        return self.code
