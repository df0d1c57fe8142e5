from django.urls import include, path

from .correspondence.urls import urlpatterns as correspondence
from .finding.views import case_alike
from .green import views as green
from .objection import views as objection
from .review import views as review
from .views import files, investigation, quality_cost, show, steps, writing

urlpatterns = [
    path("", include("bihuan.service.dispatch.urls")),
    *correspondence,
    path("cases/", show.case_list, name="cases"),
    path("cases/new/", writing.case_create, name="case_create"),
    path("cases/new/alike/", case_alike, name="case_alike"),
    path("cases/clocks/recompute/", writing.clocks_recompute, name="clocks_recompute"),
    path("cases/notices/read/", writing.notices_read, name="case_notices_read"),
    path("cases/<int:identity>/", show.case_page, name="case"),
    path("cases/<int:identity>/note/", steps.case_note, name="case_note"),
    path("cases/<int:identity>/files/", files.case_files, name="case_files"),
    path("cases/<int:identity>/files/<int:file_id>/", files.case_file, name="case_file"),
    path("cases/<int:identity>/files/<int:file_id>/small/", files.case_file_small, name="case_file_small"),
    path(
        "cases/<int:identity>/files/<int:file_id>/withdraw/",
        files.case_file_withdraw,
        name="case_file_withdraw",
    ),
    path("cases/<int:identity>/green/", green.green_ask, name="green_ask"),
    path("cases/<int:identity>/green/<int:request_id>/", green.green_answer, name="green_answer"),
    path("cases/<int:identity>/step/<slug:step>/", steps.case_step, name="case_step"),
    path("cases/<int:identity>/investigation/", investigation.investigation_join, name="investigation_join"),
    path("cases/<int:identity>/cost/", quality_cost.case_cost, name="case_cost"),
    path("investigations/", investigation.investigation_list, name="investigations"),
    path("investigations/new/", investigation.investigation_create, name="investigation_create"),
    path("investigations/notices/read/", investigation.notices_read, name="investigation_notices_read"),
    path("investigations/<int:identity>/", investigation.investigation_page, name="investigation"),
    path(
        "investigations/<int:identity>/lessons/",
        investigation.investigation_lessons,
        name="investigation_lessons",
    ),
    path(
        "investigations/<int:identity>/<slug:what>/",
        investigation.investigation_entry,
        name="investigation_entry",
    ),
    path("review/", review.review, name="review"),
    path("review/pdf/", review.review_pdf, name="review_pdf"),
    path("review/minutes/", review.review_minutes, name="review_minutes"),
    path("review/decisions/new/", review.review_decision, name="review_decision"),
    path("review/decisions/<int:identity>/done/", review.review_decision_done, name="review_decision_done"),
    path("review/sign/", review.review_sign, name="review_sign"),
    path("cases/<int:identity>/objection/", objection.objection_create, name="objection_create"),
    path("objections/", objection.objection_list, name="objections"),
    path("objections/<int:identity>/", objection.objection_page, name="objection"),
    path("objections/<int:identity>/<slug:what>/", objection.objection_step, name="objection_step"),
    path("objection-agreements/<int:identity>/", objection.objection_agreement, name="objection_agreement"),
    path("objection-agreements/<int:identity>/signed/", objection.objection_signed, name="objection_signed"),
    path("quality-cost/", quality_cost.report, name="quality_cost_report"),
    path("quality-cost/entries/", quality_cost.cost_list, name="quality_costs"),
    path("quality-cost/new/", quality_cost.cost_create, name="quality_cost_create"),
    path("quality-cost/<int:identity>/", quality_cost.cost_page, name="quality_cost"),
    path("quality-cost/<int:identity>/reverse/", quality_cost.cost_reverse, name="quality_cost_reverse"),
]
