from django.urls import path

from .lots import views as lots

urlpatterns = [
    path("lots/", lots.lot_list, name="lots"),
    path("lots/notices/read/", lots.notices_read, name="lot_notices_read"),
    path("lots/<int:identity>/", lots.lot, name="lot"),
    path("lots/<int:identity>/trace/", lots.lot_trace, name="lot_trace"),
    path("lots/<int:identity>/<slug:to>/", lots.lot_decide, name="lot_decide"),
]
