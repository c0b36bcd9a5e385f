"""Run a statement on DuckDB and print its rows as JSON, one list a line. Usage: query.py STATEMENT"""

import json
import sys

import duckdb

rows = duckdb.sql(sys.argv[1])
for row in rows.fetchall() if rows else []:
    print(json.dumps(row, default=str))
