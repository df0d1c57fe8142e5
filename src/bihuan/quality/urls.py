from django.urls import path

from .lots import views as lots
from .recall import views as recalls

urlpatterns = [
    path("lots/", lots.lot_list, name="lots"),
    path("lots/notices/read/", lots.notices_read, name="lot_notices_read"),
    path("lots/<int:identity>/", lots.lot, name="lot"),
    path("lots/<int:identity>/trace/", lots.lot_trace, name="lot_trace"),
    path("lots/<int:identity>/recall/", recalls.recall_start, name="recall_start"),
    path("recalls/", recalls.recall_list, name="recalls"),
    path("recalls/customers/", recalls.entry_list, name="recall_entries"),
    path("recalls/<int:identity>/", recalls.recall, name="recall"),
    path("recalls/<int:identity>/close/", recalls.recall_close, name="recall_close"),
    path("recalls/customers/<int:identity>/<slug:what>/", recalls.recall_step, name="recall_step"),
    path("lots/<int:identity>/<slug:to>/", lots.lot_decide, name="lot_decide"),
]
