from django.urls import path

from apps.customers import views

app_name = "customers"

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/new/", views.account_new, name="account_new"),
    path("accounts/create/", views.account_create, name="account_create"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("accounts/<int:pk>/edit/", views.account_edit, name="account_edit"),
    path("accounts/<int:pk>/save/", views.account_save, name="account_save"),
    path("accounts/<int:pk>/people/", views.member_form, name="member_form"),
    path("accounts/<int:pk>/people/add/", views.member_add, name="member_add"),
    path("accounts/<int:pk>/people/<int:person_id>/remove/", views.member_remove, name="member_remove"),
    path("accounts/<int:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("accounts/<int:pk>/contacts/create/", views.contact_create, name="contact_create"),
    path("accounts/<int:pk>/answer/", views.satisfaction_form, name="satisfaction_form"),
    path("accounts/<int:pk>/answer/record/", views.satisfaction, name="satisfaction"),
    path("answers/<int:pk>/withdraw/", views.satisfaction_withdraw, name="satisfaction_withdraw"),
    path("contacts/", views.contacts, name="contacts"),
    path("contacts/<int:pk>/", views.contact, name="contact"),
    path("contacts/<int:pk>/edit/", views.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/save/", views.contact_save, name="contact_save"),
]
