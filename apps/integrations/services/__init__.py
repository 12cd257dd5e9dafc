"""Imports through the browser: upload, map, check, run, take back."""

from apps.integrations.services.starting import (
    InvalidUpload,
    WrongState,
    distinct_values,
    fix_values,
    leave_out_bad_rows,
    set_mapping,
    start_import,
)
from apps.integrations.services.working import (
    WORK_TASK,
    check_import,
    execute,
    request_check,
    request_run,
    request_undo,
    undo_import,
)

__all__ = [
    "WORK_TASK",
    "InvalidUpload",
    "WrongState",
    "check_import",
    "distinct_values",
    "execute",
    "fix_values",
    "leave_out_bad_rows",
    "request_check",
    "request_run",
    "request_undo",
    "set_mapping",
    "start_import",
    "undo_import",
]
