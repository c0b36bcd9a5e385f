package render

import (
	"encoding/json"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// mostEndsBytes is what the ends of a batch job's sources may take on a worker's command line, whose arguments Linux bounds by 128 KiB each.
const mostEndsBytes = 96 << 10

// endsText is what workers are told of the ends of a range.
func endsText(list []v1alpha1.SourceRange) (string, error) {
	ends := map[string][]int64{}
	for _, r := range list {
		ends[r.Topic] = r.To
	}
	text, err := json.Marshal(ends)
	return string(text), err
}

// CheckRange refuses a range whose ends don't fit on a command line.
func CheckRange(list []v1alpha1.SourceRange) error {
	text, err := endsText(list)
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode the ends of a range")
	}
	if len(text) > mostEndsBytes {
		return fault.New(fault.User, fault.InField("spec.mode"), "the ends of the job's sources take %d bytes, more than the %d that workers can be told", len(text), mostEndsBytes).
			Do("split the job: its topics have too many partitions for one batch")
	}
	return nil
}

// endsArgs say where the sources of a batch job end. They stay the same as long as the job is.
func (w *Workload) endsArgs() []string {
	if !w.Job.IsBatch() {
		return nil
	}
	text, err := endsText(w.Job.Status.Range)
	if err != nil { // strings and numbers always are JSON
		return nil
	}
	return []string{"--ends=" + text}
}

// CheckMode refuses a batch job whose plan has no end.
func CheckMode(job *v1alpha1.StreamJob, plan *physical.Plan) error {
	if !job.IsBatch() || plan.Ends() {
		return nil
	}
	return fault.New(fault.User, fault.InField("spec.mode"), "the rows of %s are made for ever, and a batch job must come to an end", plan.MadeTopics()[0]).
		Do("give the table a number of events, or the job the mode %s", v1alpha1.ModeStreaming)
}
