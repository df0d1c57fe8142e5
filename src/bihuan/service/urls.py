from django.urls import path

from .views import show, steps, writing

urlpatterns = [
    path("cases/", show.case_list, name="cases"),
    path("cases/new/", writing.case_create, name="case_create"),
    path("cases/notices/read/", writing.notices_read, name="case_notices_read"),
    path("cases/<int:identity>/", show.case_page, name="case"),
    path("cases/<int:identity>/note/", steps.case_note, name="case_note"),
    path("cases/<int:identity>/step/<slug:step>/", steps.case_step, name="case_step"),
]
