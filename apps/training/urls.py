from django.urls import URLPattern, path

from apps.training.views import courses, people

app_name = "training"

urlpatterns: list[URLPattern] = [
    path("", courses.courses, name="courses"),
    path("new/", courses.course_new, name="course_new"),
    path("create/", courses.course_create, name="course_create"),
    path("mine/", people.mine, name="mine"),
    path("team/", people.team, name="team"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/assess/", people.assess, name="assess"),
    path("people/<int:person_id>/assess/do/", people.assess_do, name="assess_do"),
    path("courses/<int:course_id>/", courses.course, name="course"),
    path("courses/<int:course_id>/edit/", courses.course_edit, name="course_edit"),
    path("courses/<int:course_id>/save/", courses.course_save, name="course_save"),
    path("courses/<int:course_id>/sessions/new/", courses.session_new, name="session_new"),
    path("courses/<int:course_id>/sessions/create/", courses.session_create, name="session_create"),
    path("courses/<int:course_id>/complete/", people.complete, name="complete"),
    path("courses/<int:course_id>/complete/do/", people.complete_do, name="complete_do"),
    path("sessions/<int:session_id>/cancel/", courses.session_cancel, name="session_cancel"),
    path("sessions/<int:session_id>/enrol-me/", courses.enrol_me, name="enrol_me"),
    path("sessions/<int:session_id>/enrol/", courses.enrol, name="enrol"),
    path("sessions/<int:session_id>/enrol/do/", courses.enrol_do, name="enrol_do"),
    path("enrolments/<int:enrolment_id>/withdraw/", courses.withdraw, name="withdraw"),
    path("enrolments/<int:enrolment_id>/came/", courses.came, name="came"),
    path("enrolments/<int:enrolment_id>/absent/", courses.absent, name="absent"),
]
