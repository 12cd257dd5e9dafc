"""What a piece of work costs: seconds by the clock, CPU of Python and of the database, memory."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


def timed(function: Callable[[], Any]) -> dict[str, Any]:
    """Return seconds by the clock, and CPU seconds of this process and of its database process."""
    server = _server_cpu()
    clock_time, cpu = time.perf_counter(), time.process_time()
    function()
    return {
        "seconds": round(time.perf_counter() - clock_time, 2),
        "python_cpu": round(time.process_time() - cpu, 2),
        "database_cpu": round(_server_cpu() - server, 2),
    }


def _server_cpu() -> float:
    """Return the CPU seconds of this connection's server process; 0 when it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def peak_mb() -> int:
    """Return the peak of this process; that of ``resource`` begins with the memory of who started it."""
    path = Path("/proc/self/status")
    if path.exists():
        [line] = [line for line in path.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
