"""The demo company's organisation: Northwind Instruments, its seats, its people and who may sign in."""

import datetime as dt

from django.db import transaction

from apps.access.models import User
from apps.access.permissions import Role
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.org import services
from apps.org.enums import AbsenceKind
from apps.org.models import Assignment, OrgUnit, Person, Position
from apps.org.services import PersonRow, SeatRow, UnitRow

_TEAMS = {
    "EAST": (("SHA", _("Shanghai")), ("NKG", _("Nanjing")), ("HGH", _("Hangzhou"))),
    "CENTRAL": (("SZX", _("Shenzhen")), ("WUH", _("Wuhan")), ("CTU", _("Chengdu"))),
    "WEST": (("MUC", _("Munich")), ("LON", _("London")), ("SIN", _("Singapore"))),
}
_REGIONS = {"EAST": _("East"), "CENTRAL": _("Central"), "WEST": _("West")}
_HEADS = {"EAST": "陈立文", "CENTRAL": "Marcus Hale", "WEST": "Ingrid Vogel"}
_LEADS = {
    "SHA": "王芳", "NKG": "李建国", "HGH": "Sophie Tan",
    "SZX": "黄志强", "WUH": "刘洋", "CTU": "邓晓梅",
    "MUC": "Lukas Bauer", "LON": "Amelia Clarke", "SIN": "Daniel Ong",
}  # fmt: skip
_SELLERS = {
    "SHA": ("赵敏", "孙浩", "Emma Fischer"),
    "NKG": ("周婷", "吴磊", "郑爽"),
    "HGH": ("冯雪", "Kevin Xu", "沈佳"),
    "SZX": ("何俊", "林悦", "Priya Nair"), "WUH": ("马超", "胡静", "朱琳"), "CTU": ("罗勇", "梁晨", None),
    "MUC": ("Jonas Keller", "Lena Schmid", "Felix Braun"),
    "LON": ("Oliver Grant", "Chloe Evans", "Ravi Patel"),
    "SIN": ("Mei Lim", "Arjun Rao", "Hannah Lee"),
}  # fmt: skip
_OFFICE = (
    ("HQ-OPS", _("Head of sales operations"), "Nora Lindqvist", "salesops", Role.SALES_OPS),
    ("HQ-COMP", _("Compensation manager"), "梁文静", "compadmin", Role.COMP_ADMIN),
    ("HQ-HR", _("HR business partner"), "Grace Okafor", "hr", Role.HR),
    ("HQ-IT", _("System administrator"), "Tomáš Novák", "sysadmin", Role.SYSADMIN),
    ("HQ-AUD", _("Internal auditor"), "许国安", "auditor", Role.AUDITOR),
)
_OFFICE_NAME, _CHIEF = _("Commercial office"), _("Chief commercial officer")
_DIRECTOR, _MANAGER, _SELLER = _("Regional director"), _("Sales team manager"), _("Sales representative")
_SIGN_INS = {"executive": "P-NW", "regional": "P-EAST", "manager": "P-SHA", "rep": "P-SHA-1"}


def load(context: DemoContext) -> None:
    """Create the organisation once, then tell the upper rooms who is who."""
    if not OrgUnit.objects.filter(code="NW").exists():
        with transaction.atomic():
            _create(context)
    context.users.update({user.username: user for user in User.objects.filter(username__in=_usernames())})
    context.units.update({unit.code: unit for unit in OrgUnit.objects.all()})
    context.people.update({person.external_id: person for person in Person.objects.all()})


def _usernames() -> list[str]:
    return [*_SIGN_INS, *(username for _code, _title, _name, username, _role in _OFFICE)]


def _create(context: DemoContext) -> None:
    start = dt.date(context.today.year - 2, 1, 1)
    units, people, seats = _rows()
    loaded = services.load_structure(units=units, people=people, seats=seats, on=start)
    _sign_ins(context, loaded.units["NW"], start)
    _history(context.today)


def _rows() -> tuple[list[UnitRow], list[PersonRow], list[SeatRow]]:
    units = [
        UnitRow("NW", "Northwind Instruments", "company"),
        UnitRow("HQ", _OFFICE_NAME, "department", "NW"),
    ]
    people = [PersonRow("P-NW", "Eleanor Voss", "eleanor.voss@northwind.example")]
    seats = [SeatRow("S-NW", _CHIEF, "NW", True, "P-NW")]
    for code, title, name, username, _role in _OFFICE:
        people.append(PersonRow(f"P-{code}", name, f"{username}@northwind.example"))
        seats.append(SeatRow(f"S-{code}", title, "HQ", code == "HQ-OPS", f"P-{code}"))
    for region, teams in _TEAMS.items():
        units.append(UnitRow(region, _REGIONS[region], "region", "NW"))
        _seat(people, seats, region, _DIRECTOR, region, _HEADS[region], lead=True)
        for team, city in teams:
            units.append(UnitRow(team, city, "team", region))
            _seat(people, seats, team, _MANAGER, team, _LEADS[team], lead=True)
            for n, seller in enumerate(_SELLERS[team], 1):
                _seat(people, seats, f"{team}-{n}", _SELLER, team, seller)
    return units, people, seats


def _seat(
    people: list[PersonRow],
    seats: list[SeatRow],
    code: str,
    title: str,
    unit: str,
    name: str | None,
    *,
    lead: bool = False,
) -> None:
    if name:
        people.append(PersonRow(f"P-{code}", name, f"{code.lower()}@northwind.example"))
    seats.append(SeatRow(f"S-{code}", title, unit, lead, f"P-{code}" if name else None))


def _sign_ins(context: DemoContext, root: int, start: dt.date) -> None:
    who = _SIGN_INS | {username: f"P-{code}" for code, _title, _name, username, _role in _OFFICE}
    for username, code in who.items():
        person = Person.objects.get(external_id=code)
        user = User.objects.filter(username=username).first() or User.objects.create_user(
            username,
            person.email,
            context.password,
            display_name=person.name,
            is_staff=username == "sysadmin",
        )
        services.link_user(person_id=person.pk, user=user)
    executive = User.objects.get(username="executive")
    services.grant_role(user=executive, role=Role.EXECUTIVE, unit_id=root, on=start)
    for _code, _title, _name, username, role in _OFFICE:
        services.grant_role(user=User.objects.get(username=username), role=role, unit_id=root, on=start)


def _history(today: dt.date) -> None:
    """One team changed its region, one seller changed the team, one left, and one stands in for a manager."""
    unit = {unit.code: unit.pk for unit in OrgUnit.objects.all()}
    position = {position.code: position.pk for position in Position.objects.all()}
    person = {person.external_id: person.pk for person in Person.objects.all()}
    half_year = (
        dt.date(today.year, 7, 1) if today >= dt.date(today.year, 9, 1) else dt.date(today.year - 1, 7, 1)
    )
    services.move_unit(unit_id=unit["SIN"], parent_id=unit["CENTRAL"], on=half_year)
    services.leave(person_id=person["P-LON-3"], on=today - dt.timedelta(days=75))
    services.move_person(
        person_id=person["P-WUH-3"], position_id=position["S-CTU-3"], on=today - dt.timedelta(days=140)
    )
    services.set_acting(
        position_id=Assignment.objects.get(person=person["P-NKG"]).position_id,
        person_id=person["P-NKG-1"],
        on=today - dt.timedelta(days=6),
        until=today + dt.timedelta(days=15),
    )
    _absences(today, person)


def _absences(today: dt.date, person: dict[str, int]) -> None:
    """One seller is on unpaid leave this week, another one has booked a holiday."""
    at = dt.datetime.combine(today - dt.timedelta(days=20), dt.time(9), tzinfo=clock.company_zone())
    monday = today - dt.timedelta(days=today.weekday())
    for code, kind, first, days in (
        ("P-LON-1", AbsenceKind.UNPAID, monday, 4),
        ("P-MUC-2", AbsenceKind.ANNUAL, monday + dt.timedelta(days=14), 5),
    ):
        services.record_absence(
            person_id=person[code],
            kind=kind,
            starts_on=first,
            ends_before=first + dt.timedelta(days=days),
            at=at,
        )
