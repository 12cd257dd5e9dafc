from django.urls import path

from apps.access.views import own, people

app_name = "access"

urlpatterns = [
    path("profile/", own.profile, name="profile"),
    path("profile/settings/", own.save_settings, name="settings"),
    path("profile/email/", own.change_email, name="email"),
    path("profile/sessions/end/", own.end_other_sessions, name="sessions_end"),
    path("tokens/", own.token_list, name="tokens"),
    path("tokens/create/", own.token_create, name="token_create"),
    path("tokens/<int:token_id>/revoke/", own.token_revoke, name="token_revoke"),
    path("users/", people.user_list, name="users"),
    path("users/new/", people.user_new, name="user_new"),
    path("users/invite/", people.user_invite, name="user_invite"),
    path("users/<int:user_id>/", people.user_detail, name="user"),
    path("users/<int:user_id>/invite/", people.user_invite_again, name="user_invite_again"),
    path("users/<int:user_id>/close/", people.user_close, name="user_close"),
    path("users/<int:user_id>/reopen/", people.user_reopen, name="user_reopen"),
    path("users/<int:user_id>/unlock/", people.user_unlock, name="user_unlock"),
    path("users/<int:user_id>/sign-out/", people.user_sign_out, name="user_sign_out"),
    path("users/<int:user_id>/staff/", people.user_staff, name="user_staff"),
    path("matrix/", people.matrix, name="matrix"),
    path("why/<slug:code>/<int:record_id>/", people.explain, name="explain"),
]
