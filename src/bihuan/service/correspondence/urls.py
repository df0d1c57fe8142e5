from django.urls import path

from .views import answering, inbox, noting

urlpatterns = [
    path("cases/mail/<int:message_id>/new/", inbox.case_from_mail, name="case_from_mail"),
    path("cases/mail/<int:message_id>/add/", inbox.case_add_mail, name="case_add_mail"),
    path("cases/news/read/", noting.case_news_read, name="case_news_read"),
    path("cases/mentions-by-mail/", noting.case_mentions_mail, name="case_mentions_mail"),
    path("cases/templates/", noting.case_templates, name="case_templates"),
    path("cases/templates/new/<slug:use>/", noting.case_template_create, name="case_template_create"),
    path("cases/templates/<int:identity>/", noting.case_template, name="case_template"),
    path("cases/<int:identity>/mentions/", noting.case_mentions, name="case_mentions"),
    path("cases/<int:identity>/note-text/", noting.case_note_text, name="case_note_text"),
    path(
        "cases/<int:identity>/mails/<int:mail_id>/confirm/", answering.mail_confirm, name="case_mail_confirm"
    ),
    path("cases/<int:identity>/mails/<int:mail_id>/refuse/", answering.mail_refuse, name="case_mail_refuse"),
    path("mail/cases/", inbox.mail_case_channels, name="mail_case_channels"),
]
