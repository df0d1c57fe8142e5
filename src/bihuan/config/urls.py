"""The addresses: each room brings its own in its `urls` module; what it adds to other rooms' pages, in `panels`."""

import importlib.util

from django.conf import settings
from django.urls import include, path

from bihuan.kernel.pages import notices
from bihuan.kernel.pages import views as pages
from bihuan.kernel.pages.registry import load_pages

from . import views

urlpatterns = [
    path("", pages.today, name="today"),
    path("palette/", pages.palette, name="palette"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_put_aside, name="notices_put_aside"),
    path("notices/<slug:source>/<int:key>/", notices.notice_open, name="notice_open"),
    path("panels/<slug:subject>/<int:identity>/", pages.panels, name="panels"),
    path("panels/<slug:subject>/<int:identity>/<slug:name>/", pages.one_panel, name="panel"),
    path("timeline/<slug:subject>/<int:identity>/", pages.timeline, name="timeline"),
    path("jobs/<int:identity>/", pages.job_progress, name="job"),
    path("jobs/<int:identity>/cancel/", pages.job_cancel, name="job_cancel"),
    path("lists/", include("bihuan.kernel.pages.urls")),
    path("language/", views.set_language, name="language"),
    path("theme/", views.set_theme, name="theme"),
    path("accounts/", include("allauth.urls")),
]
for _room in settings.ROOMS:
    if importlib.util.find_spec(f"bihuan.{_room}.urls"):
        urlpatterns.append(path("", include(f"bihuan.{_room}.urls")))
load_pages()

handler400 = views.bad_request
handler403 = views.not_allowed
handler404 = views.not_found
handler500 = views.failed
