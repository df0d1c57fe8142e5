"""Words of the laboratory: for the journal, and for what follows of a correction."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.audit.wording import name_actions

from .correcting import Corrected

MOST_NAMED = 12
name_actions(
    {
        "specification.set": gettext_lazy("Set limits"),
        "specification.corrected": gettext_lazy("Corrected limits of the day"),
        "specification.withdrawn": gettext_lazy("Took back limits of the day"),
        "lot_rule.set": gettext_lazy("Changed what a product asks of its lots"),
        "lot.shipped_untested": gettext_lazy("Shipped a lot that was not tested for all limits"),
    }
)


def said_after(after: Corrected) -> str:
    """What a correction of limits led to."""
    said = [_("The limits are corrected.")]
    if after.lots.held:
        said.append(_("On hold from now on: %(names)s.") % {"names": _listed(after.lots.held)})
    if after.lots.told:
        said.append(
            _("Held for the limits before, and keeping these; decide again: %(names)s.")
            % {"names": _listed(after.lots.told)}
        )
    if after.certificates:
        said.append(
            _("Issued today with this characteristic; look at them: %(names)s.")
            % {"names": _listed(after.certificates)}
        )
    return " ".join(said)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} …" if len(names) > MOST_NAMED else shown
