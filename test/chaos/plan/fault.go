package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// MostWorkers is how many workers a plan can have.
	MostWorkers = 16
	longest     = 24 * time.Hour
)

// Fault is one line of a plan.
type Fault struct {
	// At counts from the start of the input.
	At   time.Duration
	Kind Kind
	// Worker is an ordinal, Workers a number of workers.
	Worker, Workers int
	To              Direction
	By, For         time.Duration
}

// String returns the line.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(seconds(f.At) + " " + string(f.Kind))
	has, _ := fieldsOf(f.Kind)
	if has.worker {
		b.WriteString(" worker=" + strconv.Itoa(f.Worker))
	}
	if has.workers {
		b.WriteString(" workers=" + strconv.Itoa(f.Workers))
	}
	if has.to {
		b.WriteString(" to=" + string(f.To))
	}
	if has.by {
		b.WriteString(" by=" + seconds(f.By))
	}
	if has.duration {
		b.WriteString(" for=" + seconds(f.For))
	}
	return b.String()
}

// seconds writes a time of whole milliseconds, as all times of a plan are.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Milliseconds())/1000, 'f', -1, 64) + "s"
}

// parseFault reads a line.
func parseFault(line string) (f Fault, err error) {
	words := strings.Fields(line)
	if f.At, err = parseTime(words[0]); err != nil {
		return f, err
	}
	n := 1
	for n < len(words) && !strings.Contains(words[n], "=") {
		n++
	}
	f.Kind = Kind(strings.Join(words[1:n], " "))
	want, ok := fieldsOf(f.Kind)
	if !ok {
		return f, fmt.Errorf("%q is no kind of fault", f.Kind)
	}
	var has fields
	for _, word := range words[n:] {
		name, value, _ := strings.Cut(word, "=")
		if err := f.set(&has, name, value); err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
	}
	if has != want {
		return f, fmt.Errorf("a line of %q names other things, such as: %s", f.Kind, Fault{Kind: f.Kind, To: ToBroker, Workers: 1})
	}
	return f, nil
}

// set takes one name=value.
func (f *Fault) set(has *fields, name, value string) (err error) {
	switch name {
	case "worker":
		has.worker = true
		f.Worker, err = parseCount(value, 0, MostWorkers-1)
	case "workers":
		has.workers = true
		f.Workers, err = parseCount(value, 1, MostWorkers)
	case "to":
		has.to = true
		f.To = Direction(value)
		if f.To != ToBroker && f.To != ToWorkers {
			err = fmt.Errorf("%q is neither %s nor %s", value, ToBroker, ToWorkers)
		}
	case "by":
		has.by = true
		f.By, err = parseTime(value)
	case "for":
		has.duration = true
		f.For, err = parseTime(value)
	default:
		err = errors.New("no fault has that")
	}
	return err
}

func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	d = d.Round(time.Millisecond)
	if err == nil && (d < 0 || d > longest) {
		err = fmt.Errorf("%s is not between 0 and %v", text, longest)
	}
	return d, err
}

func parseCount(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && (n < least || n > most) {
		err = fmt.Errorf("%d is not between %d and %d", n, least, most)
	}
	return n, err
}
