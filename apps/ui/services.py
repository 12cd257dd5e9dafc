"""Writes of the shell: preferences and saved views."""

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.ui.models import SavedView

MAX_VIEWS = 50
_LEFT_OUT = ("page", "export", "as_of")


class ViewRefused(DomainError):
    """A saved view has no name, no table, or there are too many."""


def choose_language(*, user: User, language: str) -> None:
    """Keep the language with the account. Raises ValueError for an unknown one."""
    user.language = User.Language(language)
    user.save(update_fields=["language"])


def choose_theme(*, user: User, theme: str) -> None:
    """Keep the theme with the account. Raises ValueError for an unknown one."""
    user.theme = User.Theme(theme)
    user.save(update_fields=["theme"])


@requires_transaction
def save_view(*, user: User, table: str, name: str, query: str, is_default: bool) -> SavedView:
    """Keep a table's state under a name; the same name again replaces it.

    Raises ViewRefused without a name or table, with too long a state, or past the limit.
    """
    name = " ".join(name.replace("\x00", "").split())[:60]
    state = _cleaned(query)
    if not name or not table or len(table) > 80:
        raise ViewRefused(_("Give the view a name."), fields={"name": _("Give the view a name.")})
    if len(state) > 2000:
        raise ViewRefused(_("This view holds too many filters to be saved. Remove some and save again."))
    mine = SavedView.objects.visible_to(user)
    if not mine.filter(table=table, name=name).exists() and mine.count() >= MAX_VIEWS:
        raise ViewRefused(_("You have %(limit)s saved views. Remove one first.") % {"limit": MAX_VIEWS})
    if is_default:
        mine.filter(table=table, is_default=True).exclude(name=name).update(is_default=False)
    try:
        with transaction.atomic():
            view, _created = SavedView.objects.update_or_create(
                user=user, table=table, name=name, defaults={"query": state, "is_default": is_default}
            )
    except IntegrityError as error:
        raise ViewRefused(_("Another window just saved a view of this table. Try again.")) from error
    return view


@requires_transaction
def delete_view(*, view: SavedView) -> None:
    """Forget a saved view."""
    SavedView.objects.filter(pk=view.pk).delete()


def _cleaned(query: str) -> str:
    params = QueryDict(query.lstrip("?").replace("\x00", ""), mutable=True)
    for name in _LEFT_OUT:
        params.pop(name, None)
    return params.urlencode()
