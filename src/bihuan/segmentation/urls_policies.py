from django.urls import path

from .views import policies, proposals

urlpatterns = [
    path("policies/", policies.policy_list, name="policies"),
    path("policies/<slug:name>/", policies.policy_page, name="policy"),
    path("policies/<slug:name>/simulate/", policies.policy_simulate, name="policy_simulate"),
    path(
        "policies/<slug:name>/simulations/<int:identity>/",
        policies.policy_simulation,
        name="policy_simulation",
    ),
    path("policies/<slug:name>/draft/", policies.policy_draft, name="policy_draft"),
    path("policies/<slug:name>/approve/", policies.policy_approve, name="policy_approve"),
    path("policies/<slug:name>/withdraw/", policies.policy_withdraw, name="policy_withdraw"),
    path("policies/<slug:name>/versions/<int:number>/", policies.policy_version, name="policy_version"),
    path("policies/<slug:name>/explain/", policies.policy_explain, name="policy_explain"),
    path("policies/<slug:name>/propose/", policies.policy_propose, name="policy_propose"),
    path("proposals/", proposals.proposal_list, name="proposals"),
    path("proposals/<int:identity>/", proposals.proposal_page, name="proposal"),
    path("proposals/<int:identity>/decide/", proposals.proposal_decide, name="proposal_decide"),
    path("proposals/<int:identity>/withdraw/", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("decisions/<int:identity>/", proposals.decision_page, name="decision"),
]
