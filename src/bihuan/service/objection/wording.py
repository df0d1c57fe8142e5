"""Words of objections: stages as people and customers read them, refusals, events, fields."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import Objection

STAGE_WORDS = dict(Objection.Stage.choices)
DO = {
    "submitted": pgettext_lazy("objection step", "Submit"),
    "admitted": pgettext_lazy("objection step", "Admit"),
    "refused": pgettext_lazy("objection step", "Refuse"),
    "withdrawn": pgettext_lazy("objection step", "Customer withdraws it"),
    "acknowledged": pgettext_lazy("objection step", "Acknowledge"),
    "assessed": pgettext_lazy("objection step", "Assess severity"),
    "checked": pgettext_lazy("objection step", "Check and sample"),
    "liability": pgettext_lazy("objection step", "Settle liability"),
    "proposal": pgettext_lazy("objection step", "Propose to the customer"),
    "signed": pgettext_lazy("objection step", "Sign the agreement"),
    "settled": pgettext_lazy("objection step", "Post the settlement"),
    "corrected": pgettext_lazy("objection step", "Take corrective action"),
    "effective": pgettext_lazy("objection step", "Check the effect"),
    "closed": pgettext_lazy("objection step", "Close"),
    "reopen": pgettext_lazy("objection step", "Reopen"),
    "change": pgettext_lazy("objection step", "Change the intake"),
    "paper": pgettext_lazy("objection step", "Add papers"),
    "sample": pgettext_lazy("objection step", "Joint sample"),
    "result": pgettext_lazy("objection step", "Test result"),
    "shares": pgettext_lazy("objection step", "Shares of liability"),
    "offer": pgettext_lazy("objection step", "Settlement"),
    "approve": pgettext_lazy("objection step", "Approve"),
    "agreement": pgettext_lazy("objection step", "Make the agreement"),
    "copy": pgettext_lazy("objection step", "Signed copy"),
    "on-site": pgettext_lazy("case step", "We are on site"),
}

# To the customer, once a stage is done.
FOR_CUSTOMER = {
    "draft": _("Your objection is being written down."),
    "submitted": _("We have your objection and check whether it can be admitted."),
    "admitted": _("Your objection is admitted."),
    "refused": _("Your objection was not admitted; we told you why."),
    "withdrawn": _("You have withdrawn your objection."),
    "acknowledged": _("We have confirmed your objection and assess it."),
    "assessed": _("Next we look at the goods with you and take samples."),
    "checked": _("The goods were looked at; the samples are being tested."),
    "liability": _("It is settled who is liable; we prepare a proposal."),
    "proposal": _("Our proposal is with you."),
    "signed": _("The agreement is signed; we carry it out."),
    "settled": _("The agreement is carried out."),
    "corrected": _("The cause is dealt with; we watch whether it comes again."),
    "effective": _("It has not come again."),
    "closed": _("Your objection is closed."),
}

REFUSALS = {
    "is_refused": _("This objection was refused. Reopen it first."),
    "is_withdrawn": _("This objection was withdrawn. Reopen it first."),
    "signed_already": _("The agreement is signed. Reopen the objection at its signing to withdraw it."),
    "done_already": _("This stage is done already."),
    "admitted_already": _("This objection is admitted already."),
    "stage_before": _("The stage before comes first."),
    "no_received_on": _("Say when the customer received the goods."),
    "no_product": _("Say which product it is about."),
    "no_defect": _("Say what is wrong with the goods."),
    "no_quantity_claimed": _("Say how much is objected to."),
    "no_quantity_delivered": _(
        "Say how much was delivered: without it no difference in weight can be judged."
    ),
    "no_contract": _("Say under which contract it was delivered."),
    "no_lot": _("Say which heat or batch it is."),
    "no_specification": _("Say which specification it is."),
    "no_location": _("Say where the goods lie."),
    "no_remedy_wanted": _("Say what the customer wants."),
    "no_resale_chain": _("Say through whose hands the goods went to the end user."),
    "no_is_use_stopped": _("The customer has to stop using the goods first."),
    "no_are_tags_kept": _("The tags have to stay on the goods."),
    "no_papers": _("Papers are missing."),
    "outside_window": _("It was raised after the objection window. Say why it is admitted all the same."),
    "within_tolerance": _("The difference is within the tolerance. Say why it is admitted all the same."),
    "not_on_site": _("Nobody was on site yet."),
    "no_sample": _("There is no joint sample. Say why none is needed, or write one down."),
    "not_both_present": _("Somebody of each side has to have been present at every sample."),
    "not_countersigned": _("A retained sample has to be sealed and countersigned by both sides."),
    "no_result": _("A sample has no result yet."),
    "no_shares": _("Say who is liable for which share."),
    "not_whole": _("The shares add up to 100 %."),
    "no_offer": _("There is no settlement to propose yet."),
    "more_than_claimed": _("More is accepted than was objected to."),
    "not_approved": _("Nobody with the limit has approved this settlement."),
    "no_agreement": _("There is no agreement on this settlement yet."),
    "not_signed": _("The signed copy is not here yet."),
    "not_posted": _("The settlement is not posted yet."),
    "no_corrective": _("The investigation has no corrective action yet."),
    "actions_open": _("An action of the investigation is not carried out yet."),
    "no_correction": _("Say what was done against the cause."),
    "no_later_data": _("The investigation has no later data yet that prove the effect."),
    "no_effect": _("Say what shows that it has not come again."),
}

FIELD_WORDS = {
    "raised_on": _("Raised on"),
    "received_on": _("Goods received on"),
    "contract": _("Contract"),
    "product": _("Product"),
    "lot": _("Heat or batch"),
    "specification": _("Specification"),
    "about": pgettext_lazy("objection", "About"),
    "defect": _("Defect"),
    "unit": _("Unit"),
    "quantity_delivered": _("Quantity delivered"),
    "quantity_claimed": _("Quantity objected to"),
    "location": _("Where the goods lie"),
    "remedy_wanted": _("What the customer wants"),
    "amount_claimed": _("Amount claimed"),
    "resale_chain": _("Resale chain to the end user"),
    "is_use_stopped": _("Use is stopped"),
    "are_tags_kept": _("Tags are kept on"),
}

EVENT_WORDS = {
    **STAGE_WORDS,
    "opened": pgettext_lazy("objection", "Written down"),
    "changed": pgettext_lazy("objection", "Intake changed"),
    "papers": pgettext_lazy("objection", "Papers came in"),
    "sampled": pgettext_lazy("objection", "Sample taken"),
    "result": pgettext_lazy("objection", "Result of a sample"),
    "shares": pgettext_lazy("objection", "Shares of liability set"),
    "offered": pgettext_lazy("objection", "Settlement drafted"),
    "approved": pgettext_lazy("objection", "Settlement approved"),
    "agreement": pgettext_lazy("objection", "Agreement made"),
    "copied": pgettext_lazy("objection", "Signed copy came in"),
    "posted": pgettext_lazy("objection", "Settlement posted"),
    "reversed": pgettext_lazy("objection", "Settlement reversed"),
    "reopened": pgettext_lazy("objection", "Reopened"),
    "moved": pgettext_lazy("objection", "Moved to another case"),
}
