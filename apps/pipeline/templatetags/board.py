"""The cards of the board, up to twenty in each column: written in one go, as the rows of tables are."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.pipeline.enums import DealState
from apps.pipeline.rules import short_name
from apps.ui.addresses import record_url
from apps.ui.formatting import day as written
from apps.ui.formatting import money
from apps.ui.tables.columns import avatar, escaped
from apps.ui.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def deal_cards(cards: Iterable[dict[str, Any]], today: dt.date) -> SafeString:
    """Show deals (the dicts of ``OpportunityQuerySet.for_table``) as cards that can be dragged while open."""
    words, arrows = gettext("Move %(name)s to another stage"), icon("arrows-right-left")
    return SafeString("\n".join([_card(card, today, words, arrows) for card in cards]))


def _card(card: dict[str, Any], today: dt.date, words: str, arrows: str) -> str:
    pk, account, is_open = card["pk"], card["account__name"], card["state"] == DealState.OPEN
    name, owner = escaped(short_name(card["name"], account)), card["owner__name"]
    customer = f'<span class="board-account">{escaped(account)}</span>\n' if account else ""
    move = _move(pk, escaped(words % {"name": card["name"]}), arrows) if is_open else ""
    return (
        f'<li class="board-card{"" if is_open else " fixed"}" data-id="{pk}"'
        f' data-version="{card["version"]}">\n'
        f'<a class="board-name" href="{record_url("pipeline:deal", pk)}">{name}</a>\n{customer}'
        f'<span class="board-amount num">{escaped(money(card["amount"], card["currency"]))}</span>\n'
        f'<span class="board-foot">{avatar(owner, "xs")}<span class="visually-hidden">{escaped(owner)}</span>'
        f"{_when(card['closes_on'], is_open, today)}{move}</span>\n</li>"
    )


def _when(day: dt.date | None, is_open: bool, today: dt.date) -> str:
    if day is None:
        return ""
    late = ' class="late"' if is_open and day < today else ""
    return f"<time{late}>{written(day)}</time>"


def _move(pk: int, label: str, arrows: str) -> str:
    url = record_url("pipeline:move_form", pk)
    return f'<a class="tool board-move" href="{url}" data-sheet aria-label="{label}">{arrows}</a>'
