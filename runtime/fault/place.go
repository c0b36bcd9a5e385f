package fault

import "strconv"

// Place says where an error is: a position in a text, a field of a manifest, or a record of a topic. The zero value is
// nowhere, and prints nothing. Places are values and safe to copy.
type Place struct {
	// File is the name of a text, such as "query.sql" or "spec.sql"; empty when the text has no name.
	File string
	// Line and Column count from 1, columns in characters (not bytes); 0 means not known.
	Line, Column int
	// Field is a manifest's field path, such as "spec.parallelism".
	Field string
	// Topic, Partition and Offset name one Kafka record; they count only when Topic is set.
	Topic     string
	Partition int32
	Offset    int64
}

// InText returns the place at a line and column of a text.
func InText(file string, line, column int) Place {
	return Place{File: file, Line: line, Column: column}
}

// InField returns the place of a manifest's field.
func InField(path string) Place { return Place{Field: path} }

// InRecord returns the place of one Kafka record.
func InRecord(topic string, partition int32, offset int64) Place {
	return Place{Topic: topic, Partition: partition, Offset: offset}
}

// String prints file:line:column, field path or topic/partition/offset; a text inside a field prints both.
func (p Place) String() string {
	var b []byte
	switch {
	case p.Topic != "":
		b = append(b, p.Topic...)
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(p.Partition), 10)
		b = append(b, '/')
		b = strconv.AppendInt(b, p.Offset, 10)
	case p.Field != "":
		b = append(b, p.Field...)
	default:
		b = append(b, p.File...)
	}
	if p.Line > 0 {
		if len(b) > 0 {
			b = append(b, ':')
		}
		b = strconv.AppendInt(b, int64(p.Line), 10)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(p.Column), 10)
	}
	return string(b)
}
