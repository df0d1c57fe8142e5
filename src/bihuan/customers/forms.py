"""Forms of customers. They ask and read; what is right, the services say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.records import RecordSpec
from bihuan.people.access import STAFF
from bihuan.people.models import User

from .facts_catalogue import CATALOGUE, SECTIONS, fact_class
from .models import Contact, Customer, CustomerName, CustomerRelation, Tag
from .records import CONTACT, CUSTOMER, SITE


class LookForm(forms.Form):
    """Widgets in the classes of our look."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput):
                css = "form-check-input"
            elif isinstance(widget, forms.CheckboxSelectMultiple):
                continue
            else:
                css = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()

    def keep(self, spec: RecordSpec, actor: Actor, action: str) -> None:
        """Leave out fields whose class the actor has not for the action."""
        classes = actor.classes(spec.name, action)
        for name in list(self.fields):
            declared = spec.by_name.get(name)
            if declared is not None and declared.field_class not in classes:
                del self.fields[name]


def _text(label: Any, length: int, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required, strip=True, **more)


class NewCustomerForm(LookForm):
    """One box, and three more at most."""

    name = _text(_("Company"), 200, required=True)
    credit_code = _text(_("Credit code"), 30)
    contact_name = _text(_("Contact"), 80)
    phone = _text(_("Telephone"), 60)

    def __init__(self, *args: Any, actor: Actor, similar_url: str, **more: Any) -> None:
        super().__init__(*args, **more)
        classes = actor.classes("customer", "create")
        if CUSTOMER.by_name["phone"].field_class not in classes:
            del self.fields["phone"]
        self.fields["name"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}
        asks = {
            "hx-get": similar_url,
            "hx-trigger": "input changed delay:350ms",
            "hx-target": "#similar",
            "hx-include": "closest form",
            "hx-sync": "closest form:replace",
        }
        for name in ("name", "credit_code", "phone"):
            if name in self.fields:
                self.fields[name].widget.attrs |= asks
        if "phone" in self.fields:
            self.fields["phone"].widget.attrs |= {"inputmode": "tel"}


class CustomerForm(LookForm):
    """All that may be edited of a customer."""

    name = _text(pgettext_lazy("company", "Name"), 200, required=True)
    short_name = _text(_("Short name"), 80)
    name_en = _text(_("English name"), 200)
    credit_code = _text(_("Credit code"), 30)
    status = forms.ChoiceField(label=_("Status"), choices=Customer.Status.choices)
    customer_since = forms.DateField(
        label=_("Customer since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    industry = _text(_("Industry"), 60)
    kind = _text(pgettext_lazy("of a customer", "Kind"), 40)
    country = _text(_("Country"), 60)
    region = _text(_("Region"), 60)
    city = _text(_("City"), 60)
    address = _text(_("Address"), 300)
    phone = _text(_("Telephone"), 60)
    email = _text(_("Mail"), 254, widget=forms.EmailInput())
    website = _text(_("Website"), 200)
    owner_a = forms.ModelChoiceField(User.objects.none(), label=_("Owner A"), required=False, empty_label="–")
    owner_b = forms.ModelChoiceField(User.objects.none(), label=_("Owner B"), required=False, empty_label="–")
    note = _text(_("Remarks"), 20000, widget=forms.Textarea({"rows": 4}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    LISTS = ("industry", "kind", "region")

    def __init__(self, *args: Any, actor: Actor, customer: Customer, **more: Any) -> None:
        start = {name: getattr(customer, name) for name in self.base_fields}
        super().__init__(*args, initial=start, **more)
        self.keep(CUSTOMER, actor, "edit")
        for name in ("owner_a", "owner_b"):
            if name in self.fields:
                if actor.may("customer", "hand_over"):
                    held = getattr(customer, name)
                    self.fields[name].queryset = takers(actor, held.pk if held else None)  # type: ignore[attr-defined]
                else:
                    del self.fields[name]
        for name in self.LISTS:
            self.fields[name].widget.attrs["list"] = f"words-{name}"

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def takers(actor: Actor, besides: int | None = None) -> Any:
    """People to whom the actor may hand over, and the one who holds it now."""
    rows = STAFF.visible_to(actor, "hand_over").filter(is_active=True)
    if besides is not None:
        rows = rows | User.objects.filter(pk=besides)
    return rows.distinct().order_by("name")


class ContactForm(LookForm):
    name = _text(pgettext_lazy("person", "Name"), 80, required=True)
    title = _text(_("Job title"), 80)
    chain_role = forms.ChoiceField(
        label=_("Part in decisions"), required=False, choices=[("", "–"), *Contact.ChainRole.choices]
    )
    phone = _text(_("Telephone"), 60, widget=forms.TextInput({"inputmode": "tel"}))
    email = _text(_("Mail"), 254, widget=forms.EmailInput())
    wechat = _text(_("WeChat"), 60)
    is_primary = forms.BooleanField(label=_("First contact"), required=False)
    note = _text(_("Remarks"), 4000, widget=forms.Textarea({"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, action: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.keep(CONTACT, actor, action)

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SiteForm(LookForm):
    name = _text(pgettext_lazy("place", "Name"), 120, required=True)
    kind = _text(pgettext_lazy("of a place", "Kind"), 30)
    region = _text(_("Region"), 60)
    city = _text(_("City"), 60)
    address = _text(_("Address"), 300)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, action: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.keep(SITE, actor, action)

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NoteForm(LookForm):
    text = _text(
        _("What is to be remembered"),
        4000,
        required=True,
        widget=forms.Textarea({"rows": 4, "autofocus": True}),
    )


class TagsForm(LookForm):
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.order_by("group", "label"),
        label=_("Tags"),
        required=False,
        widget=forms.SelectMultiple({"data-search-select": ""}),
    )


class NameForm(LookForm):
    kind = forms.ChoiceField(label=pgettext_lazy("of a name", "Kind"), choices=CustomerName.Kind.choices)
    name = _text(pgettext_lazy("company", "Name"), 200, required=True)
    valid_to = forms.DateField(
        label=_("Called so until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


class RelationForm(LookForm):
    kind = forms.ChoiceField(label=_("This customer is"), choices=CustomerRelation.Kind.choices)
    other = forms.IntegerField(
        label=_("Customer"), error_messages={"required": _("Pick a customer from the list.")}
    )
    note = _text(_("Remarks"), 200)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["other"].widget = forms.HiddenInput()


class CompetitorForm(LookForm):
    name = _text(_("Competitor"), 200, required=True)
    share_percent = forms.DecimalField(
        label=_("Share of what they buy, %"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    products = _text(_("Products"), 200)
    note = _text(_("Remarks"), 2000, widget=forms.Textarea({"rows": 2}))


class FactForm(LookForm):
    """`name` is one of the catalogue, or a word of one's own with its section."""

    name = _text(
        _("Fact"), 60, required=True, widget=forms.TextInput({"list": "words-facts", "autocomplete": "off"})
    )
    section = forms.ChoiceField(label=_("Section"), required=False)
    value = _text(_("Value"), 500, required=True)
    as_of = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    source = _text(_("Source"), 120)

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        classes = actor.classes("customer", "edit")
        self.known = [one for one in CATALOGUE.values() if fact_class(one.section, one.name) in classes]
        sections = [(code, label) for code, label in SECTIONS.items() if fact_class(code, "") in classes]
        self.fields["section"].choices = sections  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """A fact may be called by its label."""
        text: str = self.cleaned_data["name"]
        return next((one.name for one in self.known if str(one.label) == text), text)


class HandOverForm(LookForm):
    leaver = forms.ModelChoiceField(User.objects.none(), label=_("From"), empty_label="–")
    to = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("To"),
        help_text=_("Several people get the customers evenly."),
        widget=forms.SelectMultiple({"data-search-select": ""}),
    )
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label=_("As owner B"),
        required=False,
        empty_label="–",
        help_text=_("Left empty, the first of those above."),
    )

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        people = STAFF.visible_to(actor, "hand_over").order_by("-is_active", "name")
        self.fields["leaver"].queryset = people  # type: ignore[attr-defined]
        for name in ("to", "deputy"):
            self.fields[name].queryset = people.filter(is_active=True)  # type: ignore[attr-defined]


# What the list asks before it changes many ---------------------------------------------------------------------------


class OwnerForm(LookForm):
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Owner"), required=False, empty_label=_("nobody")
    )

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data)
        self.fields["owner"].queryset = takers(actor)  # type: ignore[attr-defined]


class StatusForm(LookForm):
    status = forms.ChoiceField(label=_("Status"), choices=Customer.Status.choices)

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data)


class TagForm(LookForm):
    tag = forms.ModelChoiceField(Tag.objects.order_by("group", "label"), label=_("Tag"), empty_label="–")

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data)


def put_error(form: forms.Form, error: Any) -> None:
    """Show a service's refusal at the field that it is about."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def of(names: Iterable[str], row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
