#!/usr/bin/env python
"""Run administrative tasks."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from apps.core.messages import compile_stale


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings.base")
    compile_stale(Path(__file__).resolve().parent)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
