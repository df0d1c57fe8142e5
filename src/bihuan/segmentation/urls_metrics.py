from django.urls import path

from .views import metrics

urlpatterns = [
    path("metrics/", metrics.metric_list, name="metrics"),
    path("metrics/refresh/", metrics.metrics_refresh, name="metrics_refresh"),
    path("metrics/<str:name>/", metrics.metric_page, name="metric"),
    path("customers/<int:identity>/metrics/<str:name>/", metrics.metric_explain, name="metric_explain"),
]
