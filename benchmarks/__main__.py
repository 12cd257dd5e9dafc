"""``make bench``: measure at 1, 10 and 100 times the reference data and print a table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from benchmarks.data import replicate

PARTS = ["import", "roll_up", "pages", "writes", "commission", "undo", "cascade"]


def main() -> None:
    """Run the scales asked for, each in a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, nargs="*", default=[1, 10])
    parser.add_argument("--reference", type=Path, default=os.environ.get("REFERENCE_DATA"))
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    parser.add_argument("--reuse", action="store_true", help="measure databases kept before; imports nothing")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS, help="measure only these parts")
    args = parser.parse_args()
    if not args.reference:
        raise SystemExit("Set REFERENCE_DATA (or --reference) to the folder of the reference data set.")
    source = args.reference / "maven_crm" / "raw"
    for scale in args.scale:
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "data"
            if not args.reuse:
                replicate(source, files, scale)
            print(f"× {scale}")
            parts = [part for part in args.only if part != "import" or not args.reuse]
            print(json.dumps(_measured(scale, files, parts, keep=args.keep, reuse=args.reuse), indent=1))


def _measured(scale: int, files: Path, parts: list[str], *, keep: bool, reuse: bool) -> dict[str, object]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise ImproperlyConfigured("DATABASE_URL is not set; `make bench` sets it.")
    address = urlsplit(url)
    name = f"{address.path.strip('/')}_bench_{scale}x"
    if not reuse:
        _database(url, f'DROP DATABASE IF EXISTS "{name}"')
        _database(url, f'CREATE DATABASE "{name}"')
    out = files.parent / "figures.json"
    own = urlunsplit(address._replace(path=f"/{name}"))
    environment = {
        **os.environ,
        "DATABASE_URL": own,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }
    subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.one",
            str(files),
            str(out),
            "reuse" if reuse else "import",
            *parts,
        ],
        env=environment,
        check=True,
    )
    if not keep and not reuse:
        _database(url, f'DROP DATABASE "{name}"')
    found: dict[str, object] = json.loads(out.read_text())
    return found


def _database(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


if __name__ == "__main__":
    main()
