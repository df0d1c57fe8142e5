from django.urls import path

from . import views

urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/find/", views.duplicates_find, name="duplicates_find"),
    path("duplicates/many/", views.duplicates_many, name="duplicates_many"),
    path("duplicates/<int:identity>/", views.duplicate, name="duplicate"),
    path("duplicates/<int:identity>/merge/", views.duplicate_merge, name="duplicate_merge"),
    path("merges/<int:identity>/undo/", views.merge_undo, name="merge_undo"),
]
