from django.urls import path, re_path

from .certificates import views as certificates
from .certificates.second import views as second
from .charts import views as charts
from .exchange import machine
from .exchange import views as exchange
from .laboratory import views as laboratory
from .lots import views as lots
from .published import views as published
from .recall import views as recalls
from .series import views as series
from .shipping import views as shipping

urlpatterns = [
    path("lots/", lots.lot_list, name="lots"),
    path("lots/notices/read/", lots.notices_read, name="lot_notices_read"),
    path("lots/<int:identity>/", lots.lot, name="lot"),
    path("lots/<int:identity>/trace/", lots.lot_trace, name="lot_trace"),
    path("lots/<int:identity>/series/<int:series>/", series.series_file, name="lot_series"),
    path("lots/<int:identity>/recall/", recalls.recall_start, name="recall_start"),
    path("lots/<int:identity>/ship/", shipping.lot_ship, name="lot_ship"),
    path("lots/<int:identity>/return/", shipping.lot_return, name="lot_return"),
    path("lots/<int:identity>/reserve/", shipping.lot_reserve, name="lot_reserve"),
    path("lots/reservations/<int:identity>/release/", shipping.reservation_release, name="reservation_release"),
    path("lots/shipments/<int:identity>/arrived/", shipping.shipment_arrived, name="shipment_arrived"),
    path("lots/shipments/<int:identity>/not-arrived/", shipping.shipment_not_arrived, name="shipment_not_arrived"),
    path("quality/charts/", charts.chart_list, name="charts"),
    path("quality/charts/<int:identity>/", charts.chart, name="chart"),
    path("recalls/", recalls.recall_list, name="recalls"),
    path("recalls/customers/", recalls.entry_list, name="recall_entries"),
    path("recalls/<int:identity>/", recalls.recall, name="recall"),
    path("recalls/begun/<int:identity>/", recalls.recall_begun, name="recall_begun"),
    path("recalls/<int:identity>/close/", recalls.recall_close, name="recall_close"),
    path("recalls/customers/<int:identity>/<slug:what>/", recalls.recall_step, name="recall_step"),
    path("lots/<int:identity>/results/", laboratory.lot_results, name="lot_results"),
    path("lots/<int:identity>/verify/", laboratory.lot_verify, name="lot_verify"),
    path("quality/laboratory/", laboratory.laboratory, name="laboratory"),
    path("quality/results/<int:identity>/invalid/", laboratory.result_invalid, name="result_invalid"),
    path("quality/specifications/<int:identity>/", laboratory.specifications, name="specifications"),
    path("quality/specifications/<int:identity>/add/", laboratory.specification_add, name="specification_add"),
    path("quality/specifications/<int:identity>/rule/", laboratory.specification_rule, name="specification_rule"),
    path("quality/limits/<int:identity>/correct/", laboratory.specification_correct, name="specification_correct"),
    path("lots/<int:identity>/epcis/", exchange.lot_document, name="lot_epcis"),
    path("lots/<int:identity>/<slug:to>/", lots.lot_decide, name="lot_decide"),
    path("epcis/", machine.root, name="epcis"),
    path("epcis/events", machine.events, name="epcis_query"),
    path("epcis/events/<int:identity>/", exchange.event, name="epcis_event"),
    path("epcis/events/<path:identity>", machine.event, name="epcis_told"),
    path("epcis/eventTypes", machine.event_types, name="epcis_types"),
    path("epcis/eventTypes/<str:kind>", machine.event_type, name="epcis_type"),
    path("epcis/<str:about>/<path:value>/events", machine.events_of, name="epcis_events_of"),
    path("epcis/capture", machine.captures, name="epcis_capture"),
    path("epcis/capture/<str:key>", machine.capture_job, name="epcis_capture_job"),
    path("epcis/<path:rest>", machine.not_offered, name="epcis_not_offered"),
    path("certificates/", certificates.certificate_list, name="certificates"),
    path("certificates/issue/", certificates.certificate_issue, name="certificate_issue"),
    path("certificates/preview/", certificates.certificate_preview, name="certificate_preview"),
    path("certificates/<int:identity>/", certificates.certificate_page, name="certificate"),
    path("certificates/papers/<int:identity>/", certificates.certificate_paper, name="certificate_paper"),
    path("certificates/signed/<int:identity>/", certificates.certificate_signed_page, name="certificate_signed_page"),
    path("certificates/drafts/<int:identity>/", second.draft_page, name="certificate_draft"),
    path("certificates/drafts/<int:identity>/paper/", second.draft_paper, name="certificate_draft_paper"),
    path("certificates/drafts/<int:identity>/decline/", second.draft_decline, name="certificate_draft_decline"),
    path("certificates/heads/<int:identity>/", certificates.certificate_head, name="certificate_head"),
    path("certificates/for/<int:identity>/", certificates.certificate_template, name="certificate_template"),
    path("certificates/published/<int:identity>/", published.publication, name="publication"),
    # What is printed on drums: short, and never changed again.
    re_path(
        r"^01/(?P<gtin>[0-9]{8,14})(?:/22/[^/]+)?/10/(?P<number>.+?)(?:/21/[^/]+)?/?$", published.digital_link,
        name="digital_link",
    ),
    path("b/", published.lot_page, name="public_lot"),
    path("b/check/", published.check_page, name="public_check"),
    path("b/bundle/", published.bundle, name="public_bundle"),
    path("b/certificate/", published.certificate, name="public_certificate"),
    path("b/verifier/", published.verifier, name="public_verifier"),
]  # fmt: skip
