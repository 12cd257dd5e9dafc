"""Forms of accounts and tokens."""

import zoneinfo

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.rules import GROUP_LABELS, MAX_DAYS, NEVER


class SignInForm(LoginForm):
    """User name or e-mail, and password; nothing else."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("User name or e-mail")
        login.widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        password.widget.attrs = {"autocomplete": "current-password"}
        password.help_text = ""


class _Digits(forms.Form):
    """A field for a code: digits on the phone's keyboard, filled in by the phone if it can, ready to type."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        self.fields["code"].widget.attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autofocus": True,
        }


class CodeForm(_Digits, AuthenticateForm):
    """The code at sign-in."""


class CodeAgainForm(_Digits, ReauthenticateForm):
    """The code before something that concerns pay or the safety of the account."""


class FirstCodeForm(_Digits, ActivateTOTPForm):
    """The code that proves that the app was set up."""


class SettingsForm(forms.Form):
    """What people set for themselves."""

    display_name = forms.CharField(label=_("Full name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        zones = sorted(name for name in zoneinfo.available_timezones() if "/" in name and "Etc/" not in name)
        choices = [("", _("As the company")), *((name, name.replace("_", " ")) for name in zones)]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]  # a choice field


class EmailForm(forms.Form):
    """A person's own address."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)


class InviteForm(forms.Form):
    """A new account."""

    username = forms.CharField(label=_("User name"), max_length=150)
    display_name = forms.CharField(label=_("Full name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The link to choose a password goes here.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)
    is_staff = forms.BooleanField(
        label=_("May open the administration"),
        required=False,
        help_text=_("What is behind it still follows from the roles held."),
    )


def _choices() -> list[tuple[str, object]]:
    single = [(p.value, p.label) for p in Permission if p not in NEVER and p != Permission.HOME]
    return [*GROUP_LABELS.items(), *single]


class TokenForm(forms.Form):
    """A wish for a token."""

    label = forms.CharField(label=_("What is it for?"), max_length=100)
    days = forms.IntegerField(label=_("Days it lives"), min_value=1, max_value=MAX_DAYS, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        choices=_choices,
    )
