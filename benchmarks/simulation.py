"""``python -m benchmarks.simulation``: a year of 1,000 payees through two plans, in a database of its own.

Both plans pay months to date: a marginal commission and a salary on one side, another rate table on the
other; ten deals a month each. Prints seconds, CPU and memory by one worker and by two, and whether both say
the same.
"""

import argparse

from benchmarks.runs import in_its_own_database


def main() -> None:
    """Make the company unless it is there, measure it, and drop its database unless it is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payees", type=int, default=1000)
    parser.add_argument("--keep", action="store_true", help="keep the database")
    parser.add_argument("--reuse", action="store_true", help="measure a database kept before")
    args = parser.parse_args()
    in_its_own_database(f"simulation_{args.payees}", "benchmarks.simulation_one", [str(args.payees)], args)


if __name__ == "__main__":
    main()
