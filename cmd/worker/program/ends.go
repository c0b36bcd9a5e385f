package program

import (
	"encoding/json"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

// ends are the offsets at which sources end, as a flag. At is nil where nothing was said.
type ends struct {
	text string
	at   map[kafka.Partition]int64
}

// String returns what was said.
func (e *ends) String() string { return e.text }

// Set reads a list of offsets for each topic.
func (e *ends) Set(text string) error {
	topics := map[string][]int64{}
	if err := json.Unmarshal([]byte(text), &topics); err != nil {
		return usage("it is JSON with a list of offsets for each topic, as {\"bids\":[120,97]}: %v", err)
	}
	e.text, e.at = text, map[kafka.Partition]int64{}
	for topic, offsets := range topics {
		for number, offset := range offsets {
			if offset < 0 {
				return usage("%s/%d ends at %d, which is no offset", topic, number, offset)
			}
			e.at[kafka.Partition{Topic: topic, Number: int32(number)}] = offset
		}
	}
	return nil
}
