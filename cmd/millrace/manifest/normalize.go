package manifest

import (
	"bufio"
	"bytes"
	"math"
)

// normalize turns the numbers of a decoded YAML document into what the API machinery expects: whole numbers as int64.
func normalize(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			x[k] = normalize(e)
		}
	case []any:
		for i, e := range x {
			x[i] = normalize(e)
		}
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int64(x)
		}
	}
	return v
}

func newLineReader(text []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(text)) }
