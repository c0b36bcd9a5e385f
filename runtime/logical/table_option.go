package logical

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// The options of CREATE TABLE … WITH.
const (
	optionConnector       = "connector"
	optionTopic           = "topic"
	optionFormat          = "format"
	optionTimestamps      = "json.timestamp-format"
	optionFlinkTimestamps = "json.timestamp-format.standard"
	optionIdleTimeout     = "scan.watermark.idle-timeout"
)

func optionNames() []string {
	return []string{optionConnector, optionTopic, optionFormat, optionTimestamps, optionFlinkTimestamps, optionIdleTimeout}
}

// maxTopicLength is Kafka's own bound, in bytes.
const maxTopicLength = 249

// setOption applies one option to a table.
func (b *binder) setOption(t *spec.Table, o *sql.Option) error {
	switch o.Key {
	case optionConnector:
		_, err := oneOf(b, o, map[string]string{"kafka": "kafka", connectorNexmark: connectorNexmark})
		return err
	case optionTopic:
		if !validTopic(o.Value) {
			return b.fault(o.ValueAt, "%s is not a Kafka topic", strconv.Quote(o.Value)).
				Do("a topic has up to %d letters, digits, dots, underscores and hyphens", maxTopicLength)
		}
		t.Topic = o.Value
		return nil
	case optionFormat:
		_, err := oneOf(b, o, map[string]string{"json": "json"})
		return err
	case optionTimestamps, optionFlinkTimestamps:
		return b.setTimestamps(t, o)
	case optionIdleTimeout:
		return b.setIdleTimeout(t, o)
	default:
		return b.unknownOption(o)
	}
}

// setTimestamps applies either name of the timestamp format.
func (b *binder) setTimestamps(t *spec.Table, o *sql.Option) error {
	formats := map[string]spec.TimestampFormat{
		string(spec.TimestampRFC3339): spec.TimestampRFC3339, string(spec.TimestampSQL): spec.TimestampSQL, string(spec.TimestampMillis): spec.TimestampMillis,
	}
	if o.Key == optionFlinkTimestamps {
		formats = map[string]spec.TimestampFormat{"ISO-8601": spec.TimestampRFC3339, "SQL": spec.TimestampSQL}
	}
	format, err := oneOf(b, o, formats)
	if err == nil {
		t.Format.Timestamps = format
	}
	return err
}

func (b *binder) setIdleTimeout(t *spec.Table, o *sql.Option) error {
	if t.EventTime == nil {
		return b.fault(o.At, "'%s' needs an event time", o.Key).Do("declare WATERMARK FOR a TIMESTAMP column of %s, or leave the option out", t.Name)
	}
	d, err := duration(o.Value)
	if err != nil {
		return b.fault(o.ValueAt, "%s is not a time of at least 1 ms", strconv.Quote(o.Value)).Do("write one such as '30 s', '500 ms' or '1 min'")
	}
	t.EventTime.IdleTimeout = d
	return nil
}

// duration reads '30 s', '30s', '500 ms', '1 min', '2 h'.
func duration(text string) (time.Duration, error) {
	text = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "")
	if rest, ok := strings.CutSuffix(text, "min"); ok {
		text = rest + "m"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, err
	}
	if d < time.Millisecond || d.Microseconds() > maxIntervalMicros {
		return 0, errors.New("out of range")
	}
	return d, nil
}

// oneOf finds an option's value among those that exist. Case does not count.
func oneOf[V any](b *binder, o *sql.Option, values map[string]V) (V, error) {
	for name, v := range values {
		if strings.EqualFold(name, o.Value) {
			return v, nil
		}
	}
	var none V
	return none, b.fault(o.ValueAt, "'%s' can't be %s", o.Key, strconv.Quote(o.Value)).Do("%s", suggest(o.Value, sortedKeys(values), "it can be "))
}

// unknownOption refuses an option, with a word on those that Flink's users bring along.
func (b *binder) unknownOption(o *sql.Option) error {
	e := b.fault(o.At, "unknown option '%s'", o.Key)
	switch {
	case strings.HasPrefix(o.Key, "properties."):
		return e.Do("leave it out: the brokers and their settings come from the job's connection")
	case strings.HasPrefix(o.Key, "scan.startup."):
		return e.Do("leave it out: the job's startFrom says where reading begins")
	case strings.HasPrefix(o.Key, "sink."):
		return e.Do("leave it out: delivery and parallelism are the job's")
	}
	return e.Do("%s", suggest(o.Key, optionNames(), "the options are "))
}

func validTopic(name string) bool {
	if name == "" || len(name) > maxTopicLength || name == "." || name == ".." {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// asFault returns the classified error in err's chain, for giving it a place.
func asFault(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }
