// Package json reads and writes rows as JSON objects (RFC 8259), one object a record, members named as the columns.
//
// Reading is the hottest code of a job, so it does no more than it must:
//
//   - Only the columns of the schema are decoded. Other members are skipped: their structure is checked (quotes, commas,
//     numbers, nesting up to 128 levels), their text is not.
//   - The decoder remembers which member came after which, as they stood in the records, and compares with the one that
//     is due instead of looking its name up.
//   - Digits, strings and times are looked at eight bytes at a time; the day of the last time is kept.
//   - It stops at the last column that it wants. Of what follows only the final brace is looked at, so that a record
//     that was cut off is still refused. Of two members with one name the first counts, and this is why.
//
// What a member may be, by its column's type; anything else, and a number out of the type's range, is an error of kind
// Data that names the column. null is NULL, and so is a missing member.
//
//	BOOLEAN     true, false
//	INT, BIGINT a number whose value is an integer: 1, 1e3 and 1.0 are, 1.5 is not; no detour over floats
//	DOUBLE      a number, rounded to the nearest
//	STRING      a string of valid UTF-8; escapes that make half a surrogate pair are refused
//	BYTES       a string in padded base64 (RFC 4648, section 4)
//	DATE        "2013-01-01"
//	TIMESTAMP   by the format: "2013-01-01T05:15:00.25Z" (any offset), "2013-01-01 05:15:00", or milliseconds as a
//	            number; digits beyond the microsecond must be zero
//
// Writing gives every column in order, NULL as null, a DOUBLE in its shortest form. NaN and the infinities are not
// JSON: such a row is an error of kind Data.
package json
