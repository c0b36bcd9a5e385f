package physical

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Seal sets the format and the two hashes.
func (p *Plan) Seal() error { return p.SealAs(Format) }

// seal sets the hashes.
func (p *Plan) seal() error {
	var err error
	if p.StateHash, err = p.stateHash(); err != nil {
		return err
	}
	p.Hash, err = p.hash()
	return err
}

// hash covers the whole document but for the hashes themselves and the places of calls in the text: they move with
// comments and line breaks, and change nothing.
func (p *Plan) hash() (string, error) {
	c := *p
	c.Hash, c.StateHash = "", ""
	c.Stages = make([]Stage, len(p.Stages))
	for i, s := range p.Stages {
		branches := make([]Branch, len(s.Branches))
		for j, b := range s.Branches {
			branches[j] = Branch{Operators: make([]Operator, len(b.Operators)), Output: b.Output}
			for k, o := range b.Operators {
				branches[j].Operators[k] = o.placeless()
			}
		}
		s.Branches = branches
		c.Stages[i] = s
	}
	return digest(c)
}

// placeless returns the operator without the places of its calls in the text.
func (o Operator) placeless() Operator {
	switch {
	case o.Filter != nil:
		o.Filter = &Filter{Predicate: placeless(o.Filter.Predicate)}
	case o.Project != nil:
		p := &Project{Columns: make([]ProjectedColumn, len(o.Project.Columns))}
		for i, c := range o.Project.Columns {
			p.Columns[i] = ProjectedColumn{Name: c.Name, Expr: placeless(c.Expr)}
		}
		o.Project = p
	}
	return o
}

func placeless(n expr.Node) expr.Node {
	if n.Call == nil {
		return n
	}
	c := expr.Call{Function: n.Call.Function, Args: make([]expr.Node, len(n.Call.Args))}
	for i, a := range n.Call.Args {
		c.Args[i] = placeless(a)
	}
	n.Call = &c
	return n
}

// The state of a plan: what a task finds after a restart, and what may be in flight in an exchange. Filters and
// projections have none, so a plan that differs in them alone goes on from the committed offsets.
type (
	stateDocument struct {
		MaxParallelism int              `json:"maxParallelism"`
		Sources        []string         `json:"sources"`
		Exchanges      []exchangeState  `json:"exchanges"`
		Operators      []operatorState  `json:"operators"`
		Times          []eventTimeState `json:"times"`
	}
	exchangeState struct {
		Name   string        `json:"name"`
		Topic  string        `json:"topic"`
		Keys   []int         `json:"keys"`
		Schema types.Schema  `json:"schema"`
		Window *AssignWindow `json:"window"`
	}
	operatorState struct {
		Stage     string     `json:"stage"`
		ID        string     `json:"id"`
		Aggregate *Aggregate `json:"aggregate"`
		Session   *Session   `json:"session,omitempty"`
	}
	// eventTimeState is part of the state because the committed watermark is one of this column.
	eventTimeState struct {
		Topic  string `json:"topic"`
		Column string `json:"column"`
	}
)

func (p *Plan) stateHash() (string, error) {
	d := stateDocument{MaxParallelism: p.MaxParallelism, Sources: p.sources()}
	for _, s := range p.Stages {
		topic := ""
		if in := s.Input.Topic; in != nil {
			topic = in.Topic
			if in.EventTime != nil {
				d.Times = append(d.Times, eventTimeState{Topic: topic, Column: in.Schema.Columns[in.EventTime.Column].Name})
			}
		}
		for _, b := range s.Branches {
			var window *AssignWindow
			for _, o := range b.Operators {
				switch {
				case o.AssignWindow != nil:
					w := *o.AssignWindow
					w.Time = 0 // a position, which moves with the columns that are read
					window = &w
				case o.Aggregate != nil, o.Session != nil:
					d.Operators = append(d.Operators, operatorState{Stage: s.Name, ID: o.ID, Aggregate: o.Aggregate, Session: o.Session})
				}
			}
			if x := b.Output.Exchange; x != nil {
				d.Exchanges = append(d.Exchanges, exchangeState{Name: x.Name, Topic: topic, Keys: x.Keys, Schema: x.Schema, Window: window})
			}
		}
	}
	return digest(d)
}

// digest is SHA-256 over the JSON of a value, cut to 128 bits, in hex.
func digest(v any) (string, error) {
	const bytes = 16
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "hash the plan")
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:bytes]), nil
}
