"""Read Parquet files with pyarrow and print their schema and rows as JSON, one list a line. Usage: arrow.py FILE..."""

import json
import sys

import pyarrow
import pyarrow.parquet

table = pyarrow.concat_tables([pyarrow.parquet.read_table(name) for name in sys.argv[1:]])
print(json.dumps([[field.name, str(field.type)] for field in table.schema]))
columns = [column.to_pylist() for column in table.columns]
for row in zip(*columns):
    print(json.dumps(row, default=str))
