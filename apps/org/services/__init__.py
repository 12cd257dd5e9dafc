from apps.org.services.absences import ALL_DAY, cancel_absence, change_absence, record_absence
from apps.org.services.grants import grant_role, revoke_role
from apps.org.services.loading import Loaded, PersonRow, SeatRow, UnitRow, load_structure
from apps.org.services.people import (
    assign_person,
    end_assignment,
    hire_person,
    leave,
    link_user,
    move_person,
    set_acting,
    undo_leave,
)
from apps.org.services.positions import (
    close_position,
    create_position,
    move_position,
    rename_position,
    set_reporting_line,
)
from apps.org.services.requests import decide_role_request, request_role, withdraw_role_request
from apps.org.services.units import (
    cancel_unit_move,
    close_unit,
    create_unit,
    move_unit,
    rename_unit,
    top_unit_id,
)

__all__ = [
    "ALL_DAY",
    "Loaded",
    "PersonRow",
    "SeatRow",
    "UnitRow",
    "assign_person",
    "cancel_absence",
    "cancel_unit_move",
    "change_absence",
    "close_position",
    "close_unit",
    "create_position",
    "create_unit",
    "decide_role_request",
    "end_assignment",
    "grant_role",
    "hire_person",
    "leave",
    "link_user",
    "load_structure",
    "move_person",
    "move_position",
    "move_unit",
    "record_absence",
    "rename_position",
    "rename_unit",
    "request_role",
    "revoke_role",
    "set_acting",
    "set_reporting_line",
    "top_unit_id",
    "undo_leave",
    "withdraw_role_request",
]
