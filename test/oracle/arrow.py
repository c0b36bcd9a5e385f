"""Read Parquet files with pyarrow and print their columns' types as a JSON object, and their rows, one object a line.
Usage: arrow.py FILE..."""

import json
import sys

import pyarrow
import pyarrow.parquet

table = pyarrow.concat_tables([pyarrow.parquet.read_table(name) for name in sys.argv[1:]])
print(json.dumps({field.name: str(field.type) for field in table.schema}))
for row in table.to_pylist():
    print(json.dumps(row, default=str))
