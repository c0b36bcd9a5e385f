package types

// Column is one column of a table, stream or batch. Every column can hold NULL.
type Column struct {
	// Name is the column's name as written; names are matched exactly, case included.
	Name string `json:"name"`
	// Kind is the column's SQL type.
	Kind Kind `json:"type"`
}

// Schema is an ordered list of columns. It is never changed once shared.
type Schema struct {
	Columns []Column `json:"columns"`
}

// Index returns the position of the named column, or -1.
func (s Schema) Index(name string) int {
	for i, c := range s.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// Kinds returns the column types in order.
func (s Schema) Kinds() []Kind {
	kinds := make([]Kind, len(s.Columns))
	for i, c := range s.Columns {
		kinds[i] = c.Kind
	}
	return kinds
}
