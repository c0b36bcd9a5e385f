package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SavepointSchedule says when savepoints are made.
type SavepointSchedule struct {
	// Cron is minute, hour, day of the month, month and day of the week, as of a CronJob, or @hourly, @daily, @weekly, @monthly or @yearly. Times
	// that were missed are made up for once, and none begins while another savepoint of the job is at work.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +millrace:change=Ignore
	Cron string `json:"cron"`
	// TimeZone is the zone of these times, by the time zone database: Europe/Berlin.
	//
	// +kubebuilder:default="Etc/UTC"
	// +kubebuilder:validation:MaxLength=64
	// +optional
	// +millrace:change=Ignore
	TimeZone string `json:"timeZone,omitempty"`
}

// SavepointRetention says which savepoints of a job are deleted, data and StreamSavepoint. Of the origins named here, those with the
// deletionPolicy Delete are: Retain on a StreamSavepoint keeps that one. The newest that is there, whatever its origin, and the one that the job
// has begun from stay in any case.
//
// +kubebuilder:validation:XValidation:rule="has(self.maxCount) || has(self.maxAge)",message="give maxCount, maxAge or both"
type SavepointRetention struct {
	// MaxCount is how many stay, the newest; and as many that have failed.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	// +millrace:change=Ignore
	MaxCount *int32 `json:"maxCount,omitempty"`
	// MaxAge is how old they become, as a Go duration.
	//
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m')",message="must be at least 1m"
	// +optional
	// +millrace:change=Ignore
	MaxAge *metav1.Duration `json:"maxAge,omitempty"`
	// Origins are those whose savepoints are deleted. Manual ones are only where Manual is named.
	//
	// +kubebuilder:default={"Scheduled","Upgrade","Suspension"}
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +listType=set
	// +optional
	// +millrace:change=Ignore
	Origins []SavepointOrigin `json:"origins,omitempty"`
}

// SavepointScheduleStatus is how far a schedule is.
type SavepointScheduleStatus struct {
	// Schedule is the one that Next was worked out from, with its zone.
	Schedule string `json:"schedule"`
	// Next is when the next savepoint is due.
	Next metav1.Time `json:"next"`
	// Last is when the last one was due that was asked for.
	// +optional
	Last *metav1.Time `json:"last,omitempty"`
}
