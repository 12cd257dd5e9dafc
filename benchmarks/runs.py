"""``python -m benchmarks.runs``: a pay run of 1,000,000 credits and 10,000 payees, in a database of its own.

Prints seconds, memory and CPU of a whole calculation by one, two and three workers, the hand-written SQL
beside it, what a calculation after one more deal takes, and whether all of them write the same bytes.
"""

import argparse
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg2


def main() -> None:
    """Make the company unless it is there, measure it, and drop its database unless it is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payees", type=int, default=10_000)
    parser.add_argument("--credits", type=int, default=1_000_000)
    parser.add_argument("--currency", help="that of the plans, if not the company's")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    parser.add_argument("--reuse", action="store_true", help="measure a database kept before")
    args = parser.parse_args()
    given = [str(args.payees), str(args.credits), *([args.currency] if args.currency else [])]
    ending = f"runs_{args.payees}{(args.currency or '').lower()}"
    in_its_own_database(ending, "benchmarks.runs_one", given, args)


def in_its_own_database(ending: str, module: str, given: list[str], args: argparse.Namespace) -> None:
    """Have a module build and measure in a database beside that of DATABASE_URL."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = f"{address.path.strip('/')}_{ending}"
    own = urlunsplit(address._replace(path=f"/{name}"))
    if not args.reuse:
        _execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
        _child(own, module, "build", *given)
    _child(own, module, "measure")
    if not args.keep and not args.reuse:
        _execute(f'DROP DATABASE "{name}"')


def _child(url: str, module: str, *arguments: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    subprocess.run([sys.executable, "-m", module, *arguments], env=environment, check=True)


def _execute(*statements: str) -> None:
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


if __name__ == "__main__":
    main()
