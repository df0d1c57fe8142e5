from django.urls import path

from .views import channels, inbox, queue, wordings

urlpatterns = [
    path("mail/channels/", channels.channel_list, name="mail_channels"),
    path("mail/channels/new/", channels.channel_create, name="mail_channel_create"),
    path("mail/channels/<int:channel_id>/", channels.channel_edit, name="mail_channel"),
    path("mail/channels/<int:channel_id>/check/", channels.channel_check, name="mail_channel_check"),
    path("mail/queue/", queue.message_queue, name="mail_queue"),
    path("mail/queue/<int:message_id>/", queue.message_out, name="mail_out"),
    path("mail/queue/<int:message_id>/retry/", queue.message_retry, name="mail_out_retry"),
    path("mail/queue/<int:message_id>/drop/", queue.message_drop, name="mail_out_drop"),
    path("mail/", inbox.message_inbox, name="mail_inbox"),
    path("mail/<int:message_id>/", inbox.message_in, name="mail_in"),
    path("mail/<int:message_id>/hand-on/", inbox.message_hand_on, name="mail_in_hand_on"),
    path("mail/<int:message_id>/put-away/", inbox.message_put_away, name="mail_in_put_away"),
    path("mail/<int:message_id>/files/<int:ordinal>/", inbox.attachment, name="mail_attachment"),
    path("mail/wordings/", wordings.wording_list, name="mail_wordings"),
    path("mail/wordings/<slug:key>/<slug:language>/", wordings.wording_edit, name="mail_wording"),
    path(
        "mail/wordings/<slug:key>/<slug:language>/restore/",
        wordings.wording_restore,
        name="mail_wording_restore",
    ),
]
