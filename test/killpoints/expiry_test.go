package killpoints

import (
	"errors"
)

// expire deletes the offsets of the job's group, as brokers do with those of a group that nobody is in (offsets.retention.minutes).
func expire(w *world) {
	deleted, err := w.kafka.DeleteGroups(w.t.Context(), prefix)
	w.must(errors.Join(err, deleted.Error()))
}

// expiryScenarios are those of a job that rests for longer than brokers keep offsets.
func expiryScenarios() []*scenario {
	return []*scenario{{
		name: "suspend-for-long", ends: clean(2, 2),
		steps: []step{{"suspend", suspend(true), rests(true)}, {"the offsets expire", expire, rests(true)}, {"resume", suspend(false), runs(2)}},
	}}
}
