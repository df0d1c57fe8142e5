"""Addresses that every list has, by the list's name."""

from django.urls import path

from . import list_views

urlpatterns = [
    path("<slug:name>/export/", list_views.export, name="list_export"),
    path("<slug:name>/filters/", list_views.filters, name="list_filters"),
    path("<slug:name>/views/", list_views.save_view, name="list_view_save"),
    path("<slug:name>/bulk/<slug:action>/", list_views.bulk, name="list_bulk"),
    path("<slug:name>/<int:identity>/neighbours/", list_views.neighbours, name="list_neighbours"),
    path("views/<int:identity>/delete/", list_views.delete_view, name="list_view_delete"),
    path("bulk/<int:identity>/undo/", list_views.bulk_undo, name="bulk_undo"),
]
