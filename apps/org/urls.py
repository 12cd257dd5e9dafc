from django.urls import URLPattern, path

from apps.org.views import absences, pages
from apps.org.views.dialogs import DIALOGS

app_name = "org"

urlpatterns: list[URLPattern] = [
    path("", pages.chart, name="chart"),
    path("units/<int:unit_id>/branch/", pages.branch, name="branch"),
    path("units/<int:unit_id>/", pages.unit, name="unit"),
    path("people/", pages.people, name="people"),
    path("people/<int:person_id>/", pages.person, name="person"),
    path("seats/<int:position_id>/", pages.seat, name="seat"),
    path("people/<int:person_id>/undo-leave/", pages.undo_leave, name="undo_leave"),
    path("absences/", absences.overview, name="absences"),
    path("absences/<int:absence_id>/cancel/", absences.cancel, name="absence_cancel"),
    path("vacancies/", pages.vacancies, name="vacancies"),
    path("spans/", pages.spans, name="spans"),
    path("grants/", pages.grants, name="grants"),
    path("grants/<int:grant_id>/revoke/", pages.revoke, name="revoke"),
    path("grants/asked/<int:request_id>/agree/", pages.agree_to_role, name="role_agree"),
    path("grants/asked/<int:request_id>/refuse/", pages.refuse_role, name="role_refuse"),
    path("grants/asked/<int:request_id>/withdraw/", pages.withdraw_role, name="role_withdraw"),
    path("moves/<int:place_id>/cancel/", pages.cancel_move, name="cancel_move"),
    *(url for dialog in (*DIALOGS, *absences.DIALOGS) for url in dialog.urls()),
]
