from django.urls import path

from .tokens import views as tokens
from .views import company, duty, profile, rights, staff, teams

urlpatterns = [
    path("staff/", staff.staff_list, name="staff"),
    path("staff/new/", staff.staff_create, name="staff_create"),
    path("staff/<int:user_id>/", staff.staff_person, name="staff_person"),
    path("staff/<int:user_id>/posts/", staff.staff_roles, name="staff_roles"),
    path("staff/<int:user_id>/leave/", staff.staff_leave, name="staff_leave"),
    path("staff/<int:user_id>/password-link/", staff.staff_password_link, name="staff_password_link"),
    path("staff/<int:user_id>/second-factors/", staff.staff_second_factors, name="staff_second_factors"),
    path("staff/<int:user_id>/tokens/", tokens.staff_tokens, name="staff_tokens"),
    path(
        "staff/<int:user_id>/tokens/<int:token_id>/revoke/",
        tokens.staff_token_revoke,
        name="staff_token_revoke",
    ),
    path("duty/", duty.duty, name="duty"),
    path("duty/new/", duty.duty_enter, name="duty_enter"),
    path("duty/<int:shift_id>/end/", duty.duty_end, name="duty_end"),
    path("absences/new/", duty.absence_enter, name="absence_enter"),
    path("absences/<int:absence_id>/end/", duty.absence_end, name="absence_end"),
    path("teams/", teams.team_list, name="teams"),
    path("teams/new/", teams.team_create, name="team_create"),
    path("teams/<int:team_id>/", teams.team_edit, name="team_edit"),
    path("company/", company.company, name="company"),
    path("access/", rights.access_table, name="access"),
    path("access/<slug:object_name>/", rights.access_table, name="access_object"),
    path("access/<slug:object_name>/<slug:role>/<slug:action>/", rights.access_cell, name="access_cell"),
    path("access/restore/<int:override_id>/", rights.access_restore, name="access_restore"),
    path("me/", profile.profile, name="profile"),
]
