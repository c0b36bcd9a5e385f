package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// JobMode says whether a job has an end.
type JobMode string

// The modes.
const (
	// ModeStreaming reads for ever.
	ModeStreaming JobMode = "Streaming"
	// ModeBatch reads a range of each source, and completes.
	ModeBatch JobMode = "Batch"
)

// AttemptComplete ends a batch job that has read its range.
const AttemptComplete AttemptKind = "Complete"

// PhaseCompleted is a batch job's that has read its range: its results are committed, and nothing of it runs any more.
const PhaseCompleted JobPhase = "Completed"

// ConditionComplete is present, and true, once a batch job has read its range and committed all that follows from it.
const ConditionComplete = "Complete"

// The reasons that only batch jobs have.
const (
	// ReasonCompleted is that a batch job has read its range.
	ReasonCompleted = "Completed"
	// ReasonBatchBegun is that a batch job has begun with another query than its spec has now: it is not changed on its way.
	ReasonBatchBegun = "BatchBegun"
	// ReasonRangeTooLarge is that the ends of a batch job's sources can't be told to its workers: they have too many partitions.
	ReasonRangeTooLarge = "RangeTooLarge"
	// ReasonFixingRange is that the ends of a batch job's sources are being looked up.
	ReasonFixingRange = "FixingRange"
)

// The types of EndAt.
const (
	EndLatest    = "Latest"
	EndTimestamp = "Timestamp"
)

// EndAt is where a batch job ends.
//
// +kubebuilder:validation:XValidation:rule="has(self.timestamp) == (self.type == 'Timestamp')",message="timestamp is given with the type Timestamp, and with no other",fieldPath=".timestamp"
type EndAt struct {
	// Type is Latest, what each partition holds when the job begins for the first time, or Timestamp, of that what lies before the first record of
	// the partition that has spec.endAt.timestamp or a later one.
	//
	// +kubebuilder:validation:Enum=Latest;Timestamp
	// +kubebuilder:default=Latest
	// +optional
	// +millrace:change=Immutable
	Type string `json:"type,omitempty"`
	// Timestamp is the time of that record, as Kafka has it. Nobody waits for a time to come: where no record has it, the end is the latest.
	//
	// +optional
	// +millrace:change=Immutable
	Timestamp *metav1.Time `json:"timestamp,omitempty"`
}

// SourceRange is what a batch job reads of a topic. It is found once, before the first start, and counts to the end.
type SourceRange struct {
	// Topic is the topic's name on Kafka.
	Topic string `json:"topic"`
	// From are the first offsets, by partition, when that was looked up.
	// +listType=atomic
	From []int64 `json:"from"`
	// To are the offsets that it ends before, by partition. Partitions that are added later are not read.
	// +listType=atomic
	To []int64 `json:"to"`
}

// IsBatch says whether a job has an end.
func (j *StreamJob) IsBatch() bool { return j.Spec.Mode == ModeBatch }

// RangeRecords is the number of offsets in the range of a batch job.
func (s *StreamJobStatus) RangeRecords() int64 {
	total := int64(0)
	for _, r := range s.Range {
		for i := range min(len(r.From), len(r.To)) {
			total += max(0, r.To[i]-r.From[i])
		}
	}
	return total
}
