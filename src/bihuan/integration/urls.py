from django.urls import path

from . import views

urlpatterns = [
    path("imports/", views.import_list, name="imports"),
    path("imports/new/", views.import_upload, name="import_upload"),
    path("imports/<int:identity>/", views.import_page, name="import"),
    path("imports/<int:identity>/mapping/", views.import_mapping, name="import_mapping"),
    path("imports/<int:identity>/start/", views.import_start, name="import_start"),
    path("imports/<int:identity>/undo/", views.import_undo, name="import_undo"),
    path("imports/<int:identity>/refused/", views.import_refused, name="import_refused"),
]
