package postgresstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// page is some rows of a task, in order.
type page struct {
	data []byte
	ends []int // of key and value in turn
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// query returns the statement and its arguments for the rows of [from, upper), or (from, upper) when behind; a nil upper is
// the end.
func query(id int64, from, upper []byte, behind bool, limit int) (sql string, args []any) {
	sql = `SELECT key, value FROM millrace_state WHERE task = $1 AND key >= $2`
	if behind {
		sql = `SELECT key, value FROM millrace_state WHERE task = $1 AND key > $2`
	}
	args = []any{id, from, limit}
	if upper != nil {
		sql += ` AND key < $4`
		args = append(args, upper)
	}
	return sql + ` ORDER BY key LIMIT $3`, args
}

// queue asks for rows as a part of a batch.
func (p *page) queue(b *pgx.Batch, id int64, from, upper []byte, behind bool, limit int) {
	sql, args := query(id, from, upper, behind, limit)
	b.Queue(sql, args...).Query(p.take)
}

// ask asks for rows alone.
func (p *page) ask(ctx context.Context, q querier, id int64, from, upper []byte, behind bool, limit int) error {
	sql, args := query(id, from, upper, behind, limit)
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	return p.take(rows)
}

func (p *page) take(rows pgx.Rows) error {
	defer rows.Close()
	for rows.Next() {
		for _, column := range rows.RawValues() { // bytea in the binary form is its bytes
			p.data = append(p.data, column...)
			p.ends = append(p.ends, len(p.data))
		}
	}
	return rows.Err()
}

func (p *page) reset() { p.data, p.ends = p.data[:0], p.ends[:0] }

func (p *page) len() int   { return len(p.ends) / 2 }
func (p *page) bytes() int { return len(p.data) }

func (p *page) row(i int) (key, value []byte) {
	from := 0
	if i > 0 {
		from = p.ends[2*i-1]
	}
	return p.data[from:p.ends[2*i]:p.ends[2*i]], p.data[p.ends[2*i]:p.ends[2*i+1]:p.ends[2*i+1]]
}

func (p *page) last() []byte {
	key, _ := p.row(p.len() - 1)
	return key
}

func (p *page) each(visit func(key, value []byte) error) error {
	for i := range p.len() {
		if err := visit(p.row(i)); err != nil {
			return err
		}
	}
	return nil
}
