"""A statement as a paper: from what it pinned alone, so that it reads the same in years to come."""

from django.utils.translation import gettext as _

from apps.incentives.models import Statement
from apps.incentives.names import in_words
from apps.incentives.selectors.as_issued import name_of, number_of, plan_of, unit_of
from apps.incentives.selectors.holds import held_deals
from apps.incentives.selectors.pages import ShownLine, exception_sentence, shown_lines
from apps.incentives.selectors.rates_shown import rates_told
from apps.ui import formatting
from apps.ui.pdf import Grid, Paper, Section


def statement_paper(statement: Statement) -> Paper:
    """Return a statement as a paper, in the language of the reader, with the names of its day."""
    lines = list(statement.lines.order_by("sequence").select_related("version__plan"))
    currency = statement.currency
    rows = [(_called(row), formatting.money(row.amount, row.currency)) for row in shown_lines(lines)]
    total = (_("Total"), formatting.money(statement.total, currency))
    sections = [Section(_("Lines"), grid=Grid((_("Line"), _("Amount")), rows, total))]
    if statement.exception:
        problem = exception_sentence(statement.exception, statement.exception_details)
        sections.insert(0, Section(_("Exception"), sentences=[problem]))
    if rates := rates_told(statement):
        sections.append(Section(_("Exchange rates"), sentences=rates))
    held = _held(statement)
    if held:
        sections.append(Section(_("Deals on hold"), sentences=held))
    return Paper(
        title=_("Statement for %(period)s") % {"period": statement.run.period.code},
        subtitle=name_of(statement),
        facts=_facts(statement, lines),
        sections=sections,
        foot=_("Fingerprint %(hash)s") % {"hash": statement.head_hash or "–"},
        author=name_of(statement),
    )


def _called(row: ShownLine) -> str:
    kind = f" · {row.kind}" if row.kind else ""
    settles = ""
    if row.settles:
        settles = " · " + _("Dispute %(number)s") % {"number": row.settles}
    return f"{row.label} ({row.window}){kind}{settles}\n{row.headline}"


def _facts(statement: Statement, lines: list) -> list[tuple[str, str]]:
    plans = {line.version_id: in_words(plan_of(statement, line.version)) for line in lines if line.version}
    versions = {line.version_id: line.version.number for line in lines if line.version}
    facts = [
        (_("Payee"), name_of(statement)),
        (_("Personnel number"), number_of(statement)),
        (_("Unit"), unit_of(statement)),
        (_("Plan"), ", ".join(f"{plans[pk]} ({versions[pk]})" for pk in sorted(plans))),
        (_("Variable pay"), formatting.money(statement.variable, statement.currency)),
        (_("Salary"), formatting.money(statement.total - statement.variable, statement.currency)),
        (_("Total"), formatting.money(statement.total, statement.currency)),
    ]
    if statement.run.locked_at is not None:
        facts.append((_("Locked at"), formatting.moment(statement.run.locked_at)))
    return [(name, value) for name, value in facts if value]


def _held(statement: Statement) -> list[str]:
    """Return the names that deals held from this payee had when they were held."""
    return [deal.hold.label for deal in held_deals(statement, statement.run.created_by)]
