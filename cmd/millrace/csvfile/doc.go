// Package csvfile reads and writes rows as CSV (RFC 4180): a line of column names, then a line a row, fields parted by
// commas, quoted where they must be.
//
//	bidder,price,at,note
//	7,150,2024-01-01 00:00:01,"said ""now"", and left"
//	8,,2024-01-01T02:00:12+02:00,""
//
// Columns are found by name, in any order; those that the table lacks are skipped, and those that the file lacks are
// NULL, as members of a JSON object are. A field is read as CAST reads text; a TIMESTAMP may have an offset besides, and is a
// number of milliseconds where the table's records hold it so; BYTES are base64, as in JSON.
//
// An empty field is NULL. A quoted empty one, "", is the empty string where the column is STRING or BYTES, and NULL elsewhere:
// some programs quote everything. This is why there is a scanner here and encoding/csv is not used: it forgets the quotes.
// What Writer writes, Reader reads back the same, NULL and empty strings included. In a file of one column an empty line is
// a row of NULL; elsewhere empty lines are left out.
package csvfile
