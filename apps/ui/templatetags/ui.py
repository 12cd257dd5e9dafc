"""Tags and filters of the page kit. Loaded for every template."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.base import Node, NodeList, Parser, Token
from django.template.defaultfilters import date as django_date
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.core import names
from apps.ui import addresses, formatting
from apps.ui import charts as chart_specs
from apps.ui.steady import steady
from apps.ui.tables import columns
from apps.ui.tables.filters import Option
from apps.ui.tables.markup import options_html

register = template.Library()
register.tag("steady", steady)


@register.filter
def money(value: Any, currency: str = "") -> str:
    """Write an amount in full: {{ deal.amount|money:deal.currency }}."""
    return formatting.money(value, str(currency or ""))


@register.filter
def money_short(value: Any, currency: str = "") -> str:
    """Write an amount short: $1.2M, ¥120万."""
    return formatting.money(value, str(currency or ""), short=True)


@register.filter
def in_words(name: Any) -> str:
    """Write a name the product proposed in the reader's language, any other as written."""
    return names.in_words(str(name or ""))


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """Group the thousands of a figure."""
    return formatting.number(value, places)


@register.filter
def number_short(value: Any) -> str:
    """Shorten a figure: 12.3K, 1.2万."""
    return formatting.compact(value)


@register.filter
def percent(value: Any, places: int = 1) -> str:
    """Write a ratio as percent; nothing reads as a dash."""
    return formatting.percent(value, places)


@register.filter
def delta(value: Any, places: int = 1) -> SafeString:
    """Write the change of a ratio with sign, arrow and colour."""
    figure = formatting.exact(value)
    if figure is None:
        return format_html('<span class="muted">{}</span>', formatting.NOTHING)
    tone = "flat" if not figure else "up" if figure > 0 else "down"
    return format_html('<span class="delta delta-{}">{}</span>', tone, formatting.delta(value, places))


@register.filter(expects_localtime=True)
def date(value: Any, pattern: str = "") -> str:
    """Write a date in the reader's language; with a pattern, as Django does."""
    return django_date(value, pattern) if pattern else formatting.day(value)


@register.filter
def moment(value: Any) -> str:
    """Write an instant in the reader's zone."""
    return formatting.moment(value)


@register.filter
def month(value: Any) -> str:
    """Write a month."""
    return formatting.month(value)


@register.filter
def last_day(stretch: Any) -> str:
    """Write the last day of a stretch ``[first, after)``, which is how people read an end."""
    return formatting.day(stretch.upper - dt.timedelta(days=1)) if stretch.upper else formatting.NOTHING


@register.filter
def month_name(value: Any) -> str:
    """Write a month where its year is known."""
    return formatting.month_name(value)


@register.filter
def days(value: Any, places: int | None = None) -> str:
    """Write a number of days with its unit."""
    return formatting.days(value, places)


@register.filter
def record_url(name: str, pk: Any) -> str:
    """Return the address of a record: the ``url`` tag resolved once for a long list."""
    return addresses.record_url(name, pk)


@register.filter
def person_name(value: Any) -> str:
    """Write how a person is called."""
    return columns.name_of(value) if value else formatting.NOTHING


@register.simple_tag
def person(value: Any, size: str = "xs") -> SafeString:
    """Show a person: avatar and name."""
    if not value:
        return mark_safe(formatting.NOTHING)  # noqa: S308  # a constant
    name = columns.name_of(value)
    return format_html('<span class="person">{}<span>{}</span></span>', columns.avatar(name, size), name)


@register.simple_tag
def avatar(value: Any, size: str = "") -> SafeString:
    """Show the initials of a person."""
    return columns.avatar(columns.name_of(value) if value else "", size)


@register.simple_tag
def badge(label: Any, tone: str = "muted") -> SafeString:
    """Show a status: good, warn, bad, info or muted, each with its own shape."""
    return columns.badge(label, tone)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Show a Tabler icon by name; any name of the set works after the next build."""
    return _icon(addresses.icons_url(), str(name), str(css))


@lru_cache(maxsize=1024)
def _icon(sprite: str, name: str, css: str) -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css, sprite, name,
    )  # fmt: skip


@register.simple_tag
def chart(spec: "chart_specs.Chart", css: str = "") -> SafeString:
    """Draw a chart, with its data as a table for those who do not see it."""
    return mark_safe(render_to_string("components/chart.html", {"chart": spec, "css": css}))  # noqa: S308


@register.simple_tag(takes_context=True)
def render_table(context: template.Context, table: Any) -> SafeString:
    """Show a table with its controls."""
    return mark_safe(  # noqa: S308  # a rendered template
        render_to_string("ui/table.html", {"table": table}, request=context.get("request") or table.request)
    )


@register.simple_tag
def sparkline(values: Any, label: Promise | str = "", tone: str = "") -> SafeString:
    """Draw a small line of figures as an image with a label."""
    points = chart_specs.spark_points(list(values))
    return format_html(
        '<svg class="spark spark-{}" viewBox="0 0 100 28" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">'
        '<polygon points="0,28 {} 100,28"></polygon><polyline points="{}"></polyline></svg>',
        tone or "accent", label, points, points,
    )  # fmt: skip


@register.simple_tag
def gauge(value: Any, expected: Any = None, label: Promise | str = "", tone: str = "") -> SafeString:
    """Draw attainment as an arc, with a tick where it should be today."""
    return mark_safe(  # noqa: S308  # a rendered template
        render_to_string(
            "components/gauge.html",
            {"gauge": chart_specs.gauge(value, expected), "label": label, "tone": tone},
        )
    )


@register.simple_tag
def options(pairs: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """Write the options of a select from (value, label) pairs; ``chosen`` is the value as text."""
    return options_html(
        Option(str(value), names.in_words(str(label)), str(value) == chosen) for value, label in pairs
    )


@register.filter
def meter(value: Any) -> str:
    """Return a ratio as a width from 0 to 100."""
    figure = formatting.exact(value)
    return "0" if figure is None else f"{min(max(figure * 100, 0), 100):.1f}"


@register.filter
def plain(value: Any) -> str:
    """Write a figure for a machine: no grouping, point as the decimal mark."""
    return str(value)


@register.simple_tag(takes_context=True)
def csrf(context: template.Context) -> SafeString:
    """Write the hidden CSRF field; works inside ``include … only`` too."""
    request = getattr(context, "request", None)
    if request is None:
        return SafeString("")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


@register.tag
def why(parser: Parser, token: Token) -> "WhyNode":
    """Make a figure a link to what it is made of: {% why url %}{{ value|money:code }}{% endwhy %}."""
    parts = token.split_contents()
    if len(parts) != 2:
        raise template.TemplateSyntaxError("{% why url %} takes the address and nothing else.")
    inner = parser.parse(("endwhy",))
    parser.delete_first_token()
    return WhyNode(parser.compile_filter(parts[1]), inner)


class WhyNode(Node):
    def __init__(self, url: Any, nodelist: NodeList) -> None:
        self.url, self.nodelist = url, nodelist

    def render(self, context: template.Context) -> str:
        inner, url = self.nodelist.render(context), self.url.resolve(context)
        if not url:
            return inner
        return format_html('<a class="figure" href="{}" data-sheet>{}</a>', url, mark_safe(inner))  # noqa: S308


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """Return this page's address with parameters changed; an empty value drops one."""
    params = context["request"].GET.copy()
    params.pop("page", None)
    for name, value in changes.items():
        if value in ("", None):
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"
