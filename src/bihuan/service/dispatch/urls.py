from django.urls import path

from .views import managing, planning, visit

urlpatterns = [
    path("dispatch/", planning.dispatch_board, name="dispatch_board"),
    path("cases/<int:identity>/visit/", planning.visit_plan, name="visit_plan"),
    path("visits/", visit.visit_list, name="visits"),
    path("visits/<int:identity>/", visit.visit_page, name="visit"),
    path("visits/<int:identity>/photos/", visit.visit_photos, name="visit_photos"),
    path("visits/<int:identity>/replan/", planning.visit_replan, name="visit_replan"),
    path("visits/<int:identity>/cancel/", planning.visit_cancel, name="visit_cancel"),
    path("visits/<int:identity>/step/<slug:what>/", visit.visit_step, name="visit_step"),
    path("stations/", managing.station_list, name="stations"),
    path("stations/new/", managing.station_new, name="station_new"),
    path("stations/<int:identity>/", managing.station_save, name="station_save"),
    path("stations/<int:identity>/kit/", managing.kit_new, name="kit_new"),
    path("kits/<int:identity>/", managing.kit_save, name="kit_save"),
    path("coverage/", managing.coverage, name="coverage"),
    path("technicians/", managing.technician_list, name="technicians"),
    path("technicians/new/", managing.technician_new, name="technician_new"),
    path("technicians/<int:identity>/", managing.technician_page, name="technician"),
    path("technicians/<int:identity>/edit/", managing.technician_save, name="technician_save"),
    path("technicians/<int:identity>/add/<slug:what>/", managing.technician_add, name="technician_add"),
]
