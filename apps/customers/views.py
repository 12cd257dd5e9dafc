"""Accounts, contacts and satisfaction."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.customers import selectors, services
from apps.customers.forms import AccountForm, ContactForm, MemberForm, SatisfactionForm
from apps.customers.models import Account, AccountMember, Contact, SatisfactionResponse
from apps.customers.tables import AccountTable, ContactTable
from apps.measures import links
from apps.measures import selectors as figures
from apps.ui import htmx, panels
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.ACCOUNT_VIEW)
def accounts(request: HttpRequest) -> HttpResponse:
    """Show the list of accounts."""
    rows = Account.objects.visible_to(request.user).select_related("owner", "parent")
    return respond(
        request,
        AccountTable(request, rows),
        "customers/accounts.html",
        {"may_create": may(request.user, Permission.ACCOUNT_EDIT)},
    )


@page(Permission.ACCOUNT_VIEW)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account: family, people, deals, activities, satisfaction and figures."""
    rows = Account.objects.visible_to(request.user).select_related("owner", "parent")
    found = get_object_or_404(rows, pk=pk)
    context = {
        "account": found,
        "family": selectors.family_tree(found, request.user),
        "contacts": selectors.contacts_of(found),
        "responses": selectors.responses_of(found),
        "members": list(found.members.select_related("person").order_by("person__name", "pk")),
        "figures": _figures(request, found),
        "may_edit": _editable(request).filter(pk=pk).exists(),
        "panels": panels.panels_for(request, "account", found),
    }
    return render(request, "customers/account.html", context)


@page(Permission.ACCOUNT_EDIT)
def account_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a new account."""
    initial = {"owner": person_id_of(request.user)}  # type: ignore[arg-type]  # signed in
    return show_form(request, AccountForm(request.user, initial=initial), _new_frame())


@action(Permission.ACCOUNT_EDIT)
def account_create(request: HttpRequest) -> HttpResponse:
    """Create an account."""
    form = AccountForm(request.user, request.POST)

    def save(data: dict[str, Any]) -> Account:
        values: Any = form.changes()
        return services.create_account(accept_duplicate=data["accept_duplicate"], **values)

    return submit_form(
        request, form, _new_frame(), save, done=_("Account created."), go_to=lambda made: _url(made.pk)
    )


@page(Permission.ACCOUNT_EDIT)
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    return show_form(request, AccountForm(request.user, account=found), _edit_frame(found))


@action(Permission.ACCOUNT_EDIT)
def account_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = AccountForm(request.user, request.POST, account=found)

    def save(data: dict[str, Any]) -> Account:
        return services.update_account(
            account_id=pk,
            version=data["version"] or 0,
            changes=form.changes(),
            accept_duplicate=data["accept_duplicate"],
        )

    done = _("Account saved.")
    return submit_form(request, form, _edit_frame(found), save, done=done, go_to=_url(pk))


@page(Permission.ACCOUNT_EDIT)
def member_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who is to work on an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    return show_form(request, MemberForm(), _frame(_("People on “%(name)s”"), found, "customers:member_add"))


@action(Permission.ACCOUNT_EDIT)
def member_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody work on an account."""
    found = get_object_or_404(_editable(request), pk=pk)

    def save(data: dict[str, Any]) -> AccountMember:
        return services.add_member(account_id=pk, person_id=data["person"].pk)

    frame = _frame(_("People on “%(name)s”"), found, "customers:member_add")
    form = MemberForm(request.POST)
    return submit_form(request, form, frame, save, done=_("Person added."), go_to=_url(pk))


@action(Permission.ACCOUNT_EDIT)
def member_remove(request: HttpRequest, pk: int, person_id: int) -> HttpResponse:
    """End somebody's work on an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    services.remove_member(account_id=found.pk, person_id=person_id)
    return htmx.go(request, _url(pk))


@page(Permission.ACCOUNT_VIEW)
def contacts(request: HttpRequest) -> HttpResponse:
    """Show the list of contacts."""
    rows = Contact.objects.visible_to(request.user).select_related("account")
    return respond(request, ContactTable(request, rows), "customers/contacts.html")


@page(Permission.ACCOUNT_VIEW)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one contact and what goes on at the account."""
    found = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    context = {
        "contact": found,
        "account": found.account,
        "may_edit": _editable(request).filter(pk=found.account_id).exists(),
        "panels": panels.panels_for(request, "account", found.account),
    }
    return render(request, "customers/contact.html", context)


@page(Permission.ACCOUNT_EDIT)
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a contact of an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    frame = _frame(_("New contact at “%(name)s”"), found, "customers:contact_create")
    return show_form(request, ContactForm(), frame)


@action(Permission.ACCOUNT_EDIT)
def contact_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a contact to an account."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = ContactForm(request.POST)

    def save(_data: dict[str, Any]) -> Contact:
        values: Any = form.changes()
        return services.create_contact(account_id=pk, **values)

    frame = _frame(_("New contact at “%(name)s”"), found, "customers:contact_create")
    return submit_form(request, form, frame, save, done=_("Contact added."), go_to=_url(pk))


@page(Permission.ACCOUNT_EDIT)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a contact."""
    found = get_object_or_404(Contact.objects.permitting(request.user, Permission.ACCOUNT_EDIT), pk=pk)
    return show_form(request, ContactForm(contact=found), _contact_frame(found))


@action(Permission.ACCOUNT_EDIT)
def contact_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save a contact."""
    found = get_object_or_404(Contact.objects.permitting(request.user, Permission.ACCOUNT_EDIT), pk=pk)
    form = ContactForm(request.POST)

    def save(data: dict[str, Any]) -> Contact:
        version = data["version"] or 0
        return services.update_contact(contact_id=pk, version=version, changes=form.changes())

    url = reverse("customers:contact", args=[pk])
    return submit_form(request, form, _contact_frame(found), save, done=_("Contact saved."), go_to=url)


@page(Permission.ACCOUNT_EDIT)
def satisfaction_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how satisfied an account is."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = SatisfactionForm(found, initial={"responded_on": clock.today()})
    return show_form(request, form, _frame(_("Satisfaction of “%(name)s”"), found, "customers:satisfaction"))


@action(Permission.ACCOUNT_EDIT)
def satisfaction(request: HttpRequest, pk: int) -> HttpResponse:
    """Record how satisfied an account is."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = SatisfactionForm(found, request.POST)

    def save(data: dict[str, Any]) -> SatisfactionResponse:
        chosen = data.pop("contact")
        return services.record_satisfaction(
            account_id=pk, contact_id=chosen.pk if chosen else None, today=clock.today(), **data
        )

    frame = _frame(_("Satisfaction of “%(name)s”"), found, "customers:satisfaction")
    return submit_form(request, form, frame, save, done=_("Answer recorded."), go_to=_url(pk))


@action(Permission.ACCOUNT_EDIT)
def satisfaction_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an answer recorded in error."""
    rows = SatisfactionResponse.objects.permitting(request.user, Permission.ACCOUNT_EDIT)
    found = get_object_or_404(rows, pk=pk)
    services.withdraw_satisfaction(
        response_id=found.pk, reason=request.POST.get("reason") or _("Recorded in error"), on=clock.today()
    )
    return htmx.go(request, _url(found.account_id))


def _figures(request: HttpRequest, found: Account) -> list[dict[str, Any]]:
    """Return the account's figures of the last twelve months, each with its way to the rows."""
    if not may(request.user, Permission.MEASURE_VIEW):  # type: ignore[arg-type]  # signed in
        return []
    end = clock.today() + dt.timedelta(days=1)
    start = dt.date(end.year - 1, end.month, 1)
    codes = {
        "revenue": _("Revenue"), "deals_won": _("Deals won"), "win_rate": _("Win rate"),
        "satisfaction": _("Satisfaction"),
    }  # fmt: skip
    return [
        {
            "code": code,
            "label": label,
            "row": figures.value(code, start, end, account_id=found.pk, viewer=request.user),
            "url": links.why_url(measure=code, start=start, end=end, account=found.pk),
        }
        for code, label in codes.items()
    ]


def _editable(request: HttpRequest) -> Any:
    return Account.objects.permitting(request.user, Permission.ACCOUNT_EDIT)  # type: ignore[arg-type]  # signed in


def _url(pk: int) -> str:
    return reverse("customers:account", args=[pk])


def _new_frame() -> Frame:
    return Frame(_("New account"), reverse("customers:account_create"), reverse("customers:accounts"))


def _edit_frame(found: Account) -> Frame:
    return _frame(_("Edit “%(name)s”"), found, "customers:account_save")


def _contact_frame(found: Contact) -> Frame:
    title = _("Edit “%(name)s”") % {"name": found.name}
    save, back = (
        reverse("customers:contact_save", args=[found.pk]),
        reverse("customers:contact", args=[found.pk]),
    )
    return Frame(title, save, back)


def _frame(title: str, found: Account, url_name: str) -> Frame:
    return Frame(title % {"name": found.name}, reverse(url_name, args=[found.pk]), _url(found.pk))
