"""Run the benchmarks: ``python -m bench [NAME ...] [--quick] [--strict]``; without a name, all of them.

A benchmark is a module of this folder with ``run(*, quick: bool) -> list[Comparison]``, listed here.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from bench.report import Comparison, print_table, write_results

BENCHES = ("locate", "tiles", "lists", "ogc", "edits", "staffing", "publish", "balance", "coverage", "live", "siting")
PARTS = ("live_intake",)  # of others, run alone by name only


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write; 1 when ``--strict`` and a target was missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Wangge against its peers, in one run."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*BENCHES, *PARTS))}")
    parser.add_argument("--quick", action="store_true", help="small inputs, at most 50 s per benchmark")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {*BENCHES, *PARTS}
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    results = [result for name in options.names or BENCHES for result in measure(name, quick=options.quick)]
    return int(options.strict and any(result.ok is False for result in results))


def measure(name: str, *, quick: bool) -> list[Comparison]:
    """Run one benchmark and put its results where they belong."""
    results: list[Comparison] = importlib.import_module(f"bench.{name}").run(quick=quick)
    print_table(results)
    write_results(name, results)
    return results


if __name__ == "__main__":
    sys.exit(main())
