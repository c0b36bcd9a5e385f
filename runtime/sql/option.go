package sql

// Option is one 'key' = 'value' of WITH. Secrets such as '${secret:name/key}' are plain text here.
type Option struct {
	// At is where the key starts, and ValueAt where the value does.
	At, ValueAt Pos
	Key, Value  string
}

// Pos returns where the key starts.
func (n *Option) Pos() Pos { return n.At }

// String returns the option as canonical SQL.
func (n *Option) String() string { return render(n) }
