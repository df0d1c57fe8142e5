"""Forms of the laboratory. What is right, the rules and services say; a form says it beside the field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.catalog.models import Characteristic
from bihuan.customers.forms import LookForm

from ..errors import LotError
from .entering import Line
from .queries import Asked, Bench
from .rules import read_result, read_uncertainty

MOMENT = "%Y-%m-%dT%H:%M"
EXTRA = 2


def _line(length: int, **attrs: Any) -> forms.CharField:
    return forms.CharField(max_length=length, required=False, strip=True, widget=forms.TextInput(attrs))


class ResultsForm(LookForm):
    """Four fields for all results, then a row for each characteristic, and two rows for any other one."""

    tested_at = forms.DateTimeField(
        label=pgettext_lazy("test", "Tested at"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    laboratory = forms.CharField(label=pgettext_lazy("test", "Laboratory"), max_length=80, required=False)
    instrument = forms.CharField(label=pgettext_lazy("test", "Instrument"), max_length=80, required=False)
    sample = forms.CharField(label=pgettext_lazy("test", "Sample"), max_length=60, required=False)
    key = forms.CharField(max_length=36, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, bench: Bench, now: Any, **more: Any) -> None:
        last = bench.last
        given = {
            "tested_at": now, "key": str(uuid4()), "laboratory": last.laboratory if last else "",
            "instrument": last.instrument if last else "",
        }  # fmt: skip
        self.bench = bench
        super().__init__(data, initial=given, **more)
        others = Characteristic.objects.order_by("code")
        choices = [
            ("", pgettext_lazy("characteristic", "Another one")),
            *((one.pk, str(one)) for one in others),
        ]
        for place in range(EXTRA):
            field: Any = forms.ModelChoiceField(
                others, required=False, widget=forms.Select({"class": "form-select", "aria-label": _("Characteristic")})
            )  # fmt: skip
            field.choices = choices  # asked for once
            self.fields[f"x{place}"] = field
            self._row(f"x{place}", "")
        for asked in bench.asked:
            self._row(f"c{asked.characteristic.pk}", asked.characteristic.method)

    def _row(self, name: str, method: str) -> None:
        look = {"class": "form-control", "autocomplete": "off"}
        said = pgettext_lazy("test", "Result")
        self.fields[f"{name}_said"] = _line(
            80, **look, placeholder=_("99.5 or <0.05"), **{"aria-label": said}
        )
        self.fields[f"{name}_uncertainty"] = _line(
            30, **look, inputmode="decimal", placeholder="± U, k=2", **{"aria-label": _("Expanded uncertainty, k = 2")}
        )  # fmt: skip
        self.fields[f"{name}_method"] = _line(120, **look, **{"aria-label": pgettext_lazy("test", "Method")})
        self.fields[f"{name}_method"].initial = method
        self.fields[f"{name}_instrument"] = _line(
            80, **look, **{"aria-label": pgettext_lazy("test", "Instrument")}
        )

    @property
    def shared(self) -> list[forms.BoundField]:
        return [self[name] for name in ("tested_at", "laboratory", "instrument", "sample")]

    def rows(self) -> Iterator[dict[str, Any]]:
        for asked in self.bench.asked:
            yield self._shown(f"c{asked.characteristic.pk}", asked)

    def extra_rows(self) -> Iterator[dict[str, Any]]:
        for place in range(EXTRA):
            yield {"pick": self[f"x{place}"], **self._shown(f"x{place}", None)}

    def _shown(self, name: str, asked: Asked | None) -> dict[str, Any]:
        parts = ("said", "uncertainty", "method", "instrument")
        fields = {one: self[f"{name}_{one}"] for one in parts}
        return {
            "asked": asked,
            **fields,
            "errors": [error for one in fields.values() for error in one.errors],
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        lines = []
        for asked in self.bench.asked:
            lines.append(self._read(f"c{asked.characteristic.pk}", asked.characteristic, given))
        for place in range(EXTRA):
            about = given.get(f"x{place}")
            if about is None and given.get(f"x{place}_said"):
                self.add_error(f"x{place}_said", _("Say what was measured."))
            elif about is not None:
                lines.append(self._read(f"x{place}", about, given))
        given["lines"] = [one for one in lines if one is not None]
        return given

    def _read(self, name: str, about: Characteristic, given: dict[str, Any]) -> Line | None:
        said, uncertainty = given.get(f"{name}_said", ""), given.get(f"{name}_uncertainty", "")
        if not said:
            if uncertainty:
                self.add_error(f"{name}_said", _("An uncertainty belongs to a measured number."))
            return None
        try:
            read_uncertainty(uncertainty, read_result(said, about.unit))
        except LotError as error:
            self.add_error(f"{name}_{error.field}", str(error))
            return None
        instrument = given.get(f"{name}_instrument") or given.get("instrument", "")
        return Line(about, said, uncertainty, given.get(f"{name}_method", ""), instrument)


class VerifyForm(forms.Form):
    """Which of the results that wait; only those that the actor may verify are offered."""

    results = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: Any, *, offered: list[int], **more: Any) -> None:
        super().__init__(data, **more)
        given: list[str] = data.getlist("results") if data else []
        self.sent = [int(one) for one in given if one.isdecimal() and len(one) < 19]
        # What went meanwhile is refused by the service, in words.
        self.fields["results"].choices = [(one, one) for one in {*offered, *self.sent}]  # type: ignore[attr-defined]


class InvalidForm(LookForm):
    reason = forms.CharField(
        label=_("Why it is invalid"), max_length=300, widget=forms.Textarea({"rows": 3, "autofocus": True}),
        help_text=_("It counts no longer and stays readable. The test is to be done again."),
    )  # fmt: skip


class LimitsForm(LookForm):
    """`other` is the customer, empty: the product's own limits."""

    other = forms.IntegerField(required=False, widget=forms.HiddenInput)
    characteristic = forms.ModelChoiceField(
        Characteristic.objects.order_by("code"), label=_("Characteristic"), empty_label="–",
        help_text=_("Without a customer the limits are the product's own."),
    )  # fmt: skip
    lower = forms.DecimalField(label=_("At least"), required=False, max_digits=18, decimal_places=6)
    upper = forms.DecimalField(label=_("At most"), required=False, max_digits=18, decimal_places=6)
    valid_from = forms.DateField(
        label=_("In force from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The limits before end on this day."),
    )  # fmt: skip


class CorrectForm(LookForm):
    """`seen`: what the limits were when the form was opened, for two who correct at once."""

    lower = forms.DecimalField(label=_("At least"), required=False, max_digits=18, decimal_places=6)
    upper = forms.DecimalField(label=_("At most"), required=False, max_digits=18, decimal_places=6)
    is_withdrawn = forms.BooleanField(
        label=_("Take these limits back: those before them count again"), required=False
    )
    reason = forms.CharField(
        label=_("Why they are corrected"), max_length=200, widget=forms.Textarea({"rows": 2}),
        help_text=_("What was tested today is judged again. From tomorrow on these limits stay as they are."),
    )  # fmt: skip
    seen = forms.CharField(max_length=60, widget=forms.HiddenInput)


class RuleForm(LookForm):
    checks = forms.TypedChoiceField(
        label=_("Who entered a result does not verify it. Verified by"), coerce=int,
        choices=((0, _("nobody: it counts at once")), (1, _("one person")), (2, _("two people"))),
    )  # fmt: skip
    refuses_own_limits = forms.BooleanField(
        label=_("Refuse to ship a lot to a customer whose own limits it breaks"), required=False
    )
    must_be_tested = forms.BooleanField(
        label=_("Release and ship only what is tested for every limit in force"), required=False
    )
