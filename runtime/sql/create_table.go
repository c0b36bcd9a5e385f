package sql

// CreateTable is CREATE TABLE name (…) WITH (…).
type CreateTable struct {
	At   Pos
	Name Ident
	// Columns are in the order of the text; there is at least one.
	Columns []*ColumnDef
	// Watermark is nil when the table declares none.
	Watermark *WatermarkDef
	// PrimaryKey is nil when the table declares none.
	PrimaryKey *PrimaryKey
	// Options are those of WITH, in the order of the text, each key once.
	Options []*Option
}

// Pos returns where the statement starts.
func (n *CreateTable) Pos() Pos { return n.At }

// String returns the statement as canonical SQL: columns, watermark, primary key, options.
func (n *CreateTable) String() string { return render(n) }

func (*CreateTable) statement() {}
