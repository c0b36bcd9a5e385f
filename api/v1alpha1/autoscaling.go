package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AutoscalingMode says who decides how many workers a job has.
type AutoscalingMode string

// The modes of autoscaling.
const (
	// AutoscalingOff leaves the number to spec.parallelism.
	AutoscalingOff AutoscalingMode = "Off"
	// AutoscalingAdvise leaves it to spec.parallelism, and says in the status what the operator would do.
	AutoscalingAdvise AutoscalingMode = "Advise"
	// AutoscalingAuto leaves it to the operator.
	AutoscalingAuto AutoscalingMode = "Auto"
)

// Autoscaling says how the number of workers follows the load.
//
// +kubebuilder:validation:XValidation:rule="!has(self.maxWorkers) || self.minWorkers <= self.maxWorkers",message="minWorkers must not be above maxWorkers"
type Autoscaling struct {
	// Mode is "Off" (in YAML with its quotes), where spec.parallelism is the number of workers; Advise, where it is, too, and the status and events say what the load
	// would ask for; or Auto, where the operator decides. It keeps its number in status.autoscaling.workers and never writes
	// the spec: spec.parallelism is where it begins, and does not count again before the mode is another one. Who
	// changes it meanwhile, as kubectl scale, a HorizontalPodAutoscaler or KEDA do, is told so by the condition TwoOwners.
	//
	// +kubebuilder:validation:Enum=Off;Advise;Auto
	// +kubebuilder:default=Off
	// +optional
	// +millrace:change=Ignore
	Mode AutoscalingMode `json:"mode,omitempty"`
	// MinWorkers is the least number of workers; scaleToZero alone goes below.
	//
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	// +optional
	// +millrace:change=Ignore
	MinWorkers int32 `json:"minWorkers,omitempty"`
	// MaxWorkers is the largest number of workers; none is spec.maxParallelism, or 64 where that is less. The partitions of the job's inputs
	// may allow fewer.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	// +optional
	// +millrace:change=Ignore
	MaxWorkers *int32 `json:"maxWorkers,omitempty"`
	// TargetUtilization is the percentage of their time that workers should be in use: what is left is for a rise of the load until more
	// workers are ready.
	//
	// +kubebuilder:default=70
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=95
	// +optional
	// +millrace:change=Ignore
	TargetUtilization int32 `json:"targetUtilization,omitempty"`
	// LagObjective is how long records may wait, as a Go duration. Where they wait longer, and more and more do, workers are added at
	// once; while they do, none is taken away.
	//
	// +kubebuilder:default="30s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('24h')",message="must be between 1s and 24h"
	// +optional
	// +millrace:change=Ignore
	LagObjective metav1.Duration `json:"lagObjective,omitempty"`
	// CatchUp is how quickly a backlog should be gone, as a Go duration: the shorter, the more workers are added for one. 0s adds none for
	// backlogs, but only for what arrives.
	//
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) == duration('0s') || duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="must be 0s, or between 10s and 24h"
	// +optional
	// +millrace:change=Ignore
	CatchUp metav1.Duration `json:"catchUp,omitempty"`
	// ScaleDownDelay is for how long fewer workers must have been enough before some are taken away, as a Go duration. What the job needed
	// most within that time is kept. It is what HorizontalPodAutoscalers call stabilizationWindowSeconds of scaleDown.
	//
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('24h')",message="must be between 1m and 24h"
	// +optional
	// +millrace:change=Ignore
	ScaleDownDelay metav1.Duration `json:"scaleDownDelay,omitempty"`
	// ScaleToZero takes all workers away while nothing arrives, as spec.suspend does: by a savepoint where the job has state and
	// spec.savepoints, else at its committed offsets. The operator looks at the inputs every ten seconds, and lets the job go on with the
	// first record; it also does so once a day, for brokers forget the offsets of a group that nobody is in
	// (offsets.retention.minutes, a week by default). None keeps minWorkers.
	//
	// +optional
	// +millrace:change=Ignore
	ScaleToZero *ScaleToZero `json:"scaleToZero,omitempty"`
	// Schedules are times in which the job has more workers at least than minWorkers, before a load that is known beforehand. Where several hold, the
	// largest counts; while one holds, the job is never without workers.
	//
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +optional
	// +millrace:change=Ignore
	Schedules []ScalingSchedule `json:"schedules,omitempty"`
}

// ScalingSchedule is a time that comes again and again. Its fields are those of KEDA's trigger of the type cron.
type ScalingSchedule struct {
	// Start is when it begins, as a cron expression of five fields: minute, hour, day, month, weekday.
	//
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[^\s=@]+(\s+[^\s=@]+){4}$`
	// +millrace:change=Ignore
	Start string `json:"start"`
	// End is when it ends, in the same form.
	//
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[^\s=@]+(\s+[^\s=@]+){4}$`
	// +millrace:change=Ignore
	End string `json:"end"`
	// TimeZone is a time zone by its IANA name, such as Europe/Zurich.
	//
	// +kubebuilder:default="Etc/UTC"
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_+/-]+$`
	// +optional
	// +millrace:change=Ignore
	TimeZone string `json:"timeZone,omitempty"`
	// MinWorkers is the least number of workers meanwhile, at most maxWorkers.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	// +millrace:change=Ignore
	MinWorkers int32 `json:"minWorkers"`
}

// ScaleToZero says when a job goes without workers.
type ScaleToZero struct {
	// After is how long nothing may have arrived and nothing waited, as a Go duration. Windows that are open stay open: they end with
	// event time, which does not go on without input either way.
	//
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('24h')",message="must be between 1m and 24h"
	// +optional
	// +millrace:change=Ignore
	After metav1.Duration `json:"after,omitempty"`
}

// AutoscalingStatus is what the autoscaler has decided. It is written on decisions, on changes of a reason, and otherwise at most every ten minutes.
type AutoscalingStatus struct {
	// Mode is the one that this is about: Advise or Auto.
	Mode AutoscalingMode `json:"mode"`
	// Since is when the mode began.
	Since metav1.Time `json:"since"`
	// Parallelism is what spec.parallelism was then.
	Parallelism int32 `json:"parallelism"`
	// Workers is the number of workers that the operator has decided on; in the mode Auto the job has it.
	Workers int32 `json:"workers"`
	// Recommendation is the number for the load as it was last seen, without delays.
	Recommendation int32 `json:"recommendation"`
	// Reason is a word for why it is so.
	// +optional
	Reason string `json:"reason,omitempty"`
	// Message says it with the numbers.
	// +optional
	Message string `json:"message,omitempty"`
	// UpdatedAt is when recommendation, reason and message were written.
	// +optional
	UpdatedAt *metav1.Time `json:"updatedAt,omitempty"`
	// Zero is there while the job is to be without workers; it goes on with the number in workers.
	// +optional
	Zero *ScaledToZero `json:"zero,omitempty"`
	// History are the last decisions, at most ten, the newest last.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +optional
	History []ScalingDecision `json:"history,omitempty"`
}

// ScaledToZero is a job without workers.
type ScaledToZero struct {
	// Since is when that was decided.
	Since metav1.Time `json:"since"`
	// Generation is the metadata.generation then: a changed spec lets the job go on.
	// +optional
	Generation int64 `json:"generation,omitempty"`
}

// ScalingDecision is a change of the number of workers.
type ScalingDecision struct {
	// At is when.
	At metav1.Time `json:"at"`
	// From is the number of workers before.
	From int32 `json:"from"`
	// To is the number of workers from then on.
	To int32 `json:"to"`
	// Reason is a word for why.
	Reason string `json:"reason"`
	// Message says it with the numbers.
	// +optional
	Message string `json:"message,omitempty"`
	// RowsPerSecond is what the sources read then.
	// +optional
	RowsPerSecond int64 `json:"rowsPerSecond,omitempty"`
	// Settled is how long it took until all workers were ready; none while they are not.
	// +optional
	Settled *metav1.Duration `json:"settled,omitempty"`
	// Ineffective says that it was a rise that brought nothing.
	// +optional
	Ineffective bool `json:"ineffective,omitempty"`
}

// IsAuto says whether the operator decides on the number of workers.
func (j *StreamJob) IsAuto() bool {
	return j.Spec.Autoscaling != nil && j.Spec.Autoscaling.Mode == AutoscalingAuto
}
