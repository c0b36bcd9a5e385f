package cluster

import "github.com/millrace/millrace/api/v1alpha1"

// showRange writes how far a batch job is.
func showRange(o *StatusOptions, t table, job *v1alpha1.StreamJob) {
	s := &job.Status
	if !job.IsBatch() || s.Range == nil {
		return
	}
	total := s.RangeRecords()
	switch {
	case s.CompletedAt != nil:
		t.field("Range", "all of %d records, complete since %s", total, since(o.Now, s.CompletedAt.Time))
	case s.Lag != nil:
		t.field("Range", "%d of %d records, %d %%", total-s.Lag.Records, total, percent(total-s.Lag.Records, total))
	default:
		t.field("Range", "%d records", total)
	}
}

// percent is how much of a total is done; all of nothing is.
func percent(done, total int64) int64 {
	if total <= 0 {
		return 100
	}
	return int64(float64(done) / float64(total) * 100)
}
