from django.urls import path

from . import views

urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/export/", views.journal_export, name="journal_export"),
    path("journal/<int:entry_id>/", views.journal_entry, name="journal_entry"),
]
