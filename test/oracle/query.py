"""Run a query on DuckDB and print its rows as JSON, one list a line. Usage: query.py QUERY"""

import json
import sys

import duckdb

for row in duckdb.sql(sys.argv[1]).fetchall():
    print(json.dumps(row, default=str))
