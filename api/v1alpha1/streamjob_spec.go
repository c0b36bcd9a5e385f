package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// StreamJobSpec is a query and how it should run.
//
// +kubebuilder:validation:XValidation:rule="has(self.sql) && self.sql.size() > 0",message="spec.sql is required: the job's query"
// +kubebuilder:validation:XValidation:rule="self.parallelism <= self.maxParallelism",message="spec.parallelism must not be above spec.maxParallelism"
// +kubebuilder:validation:XValidation:rule="self.connectionRef.name == oldSelf.connectionRef.name",message="spec.connectionRef is immutable: a job's offsets and state do not move between clusters"
// +kubebuilder:validation:XValidation:rule="has(self.state.storage) == has(oldSelf.state.storage)",message="spec.state.storage is immutable: make a new StreamJob for other volumes"
// +kubebuilder:validation:XValidation:rule="has(self.internalTopics) == has(oldSelf.internalTopics)",message="spec.internalTopics is immutable: the topics are there; move replicas and set min.insync.replicas with Kafka's own tools"
// +kubebuilder:validation:XValidation:rule="!has(self.restoreFrom) || has(self.savepoints)",message="spec.restoreFrom needs spec.savepoints.url, where the savepoint is"
// +kubebuilder:validation:XValidation:rule="!has(self.autoscaling) || self.autoscaling.minWorkers <= self.maxParallelism && (!has(self.autoscaling.maxWorkers) || self.autoscaling.maxWorkers <= self.maxParallelism)",message="spec.autoscaling.minWorkers and maxWorkers must not be above spec.maxParallelism"
// +kubebuilder:validation:XValidation:rule="has(self.endAt) == has(oldSelf.endAt)",message="spec.endAt is immutable: make a new StreamJob",fieldPath=".endAt"
// +kubebuilder:validation:XValidation:rule="self.mode == 'Batch' || !has(self.endAt)",message="spec.endAt is for spec.mode Batch: a streaming job has no end",fieldPath=".endAt"
// +kubebuilder:validation:XValidation:rule="self.mode == 'Batch' || !has(self.ttlSecondsAfterFinished)",message="spec.ttlSecondsAfterFinished is for spec.mode Batch: a streaming job does not finish",fieldPath=".ttlSecondsAfterFinished"
// +kubebuilder:validation:XValidation:rule="self.mode != 'Batch' || self.startFrom.type == 'Earliest'",message="a batch job that begins with the latest records has nothing to read: take spec.startFrom out",fieldPath=".startFrom"
// +kubebuilder:validation:XValidation:rule="self.mode != 'Batch' || self.overload.type == 'Wait'",message="a batch job reads its range to the end, and nothing of it is left out: take spec.overload out",fieldPath=".overload"
// +kubebuilder:validation:XValidation:rule="self.mode != 'Batch' || !has(self.savepoints)",message="there are no savepoints of a batch job, a part of whose sources may have ended: take spec.savepoints out; suspended, it goes on from its offsets",fieldPath=".savepoints"
// +kubebuilder:validation:XValidation:rule="self.mode != 'Batch' || !has(self.autoscaling) || !has(self.autoscaling.scaleToZero)",message="a batch job has workers until it is complete: take spec.autoscaling.scaleToZero out",fieldPath=".autoscaling.scaleToZero"
// +kubebuilder:validation:XValidation:rule="self.mode != 'Batch' || self.deletion.savepoint == 'Never'",message="there are no savepoints of a batch job: take spec.deletion.savepoint out",fieldPath=".deletion.savepoint"
type StreamJobSpec struct {
	// ConnectionRef names the KafkaConnection of the cluster that holds the job's topics, group, transactions and state.
	//
	// +kubebuilder:default={name: "default"}
	// +optional
	// +millrace:change=Immutable
	ConnectionRef ConnectionReference `json:"connectionRef,omitempty"`
	// SQL is the query: INSERT INTO … SELECT statements over the namespace's StreamTopics and what CREATE TABLE declares.
	//
	// +kubebuilder:validation:MaxLength=262144
	// +optional
	// +millrace:change=Savepoint
	SQL string `json:"sql,omitempty"`
	// Mode is Streaming, which reads for ever, or Batch, which reads a range of each source, lets every window fire, and completes. A batch job
	// that has begun keeps its query, and one that is complete its spec: make another one.
	//
	// +kubebuilder:validation:Enum=Streaming;Batch
	// +kubebuilder:default=Streaming
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.mode is immutable: make a new StreamJob"
	// +optional
	// +millrace:change=Immutable
	Mode JobMode `json:"mode,omitempty"`
	// EndAt says where a batch job ends; none is the latest records that there are when it begins. The ends are found once, at the
	// first start, and are in status.range.
	//
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.endAt is immutable: make a new StreamJob"
	// +optional
	// +millrace:change=Immutable
	EndAt *EndAt `json:"endAt,omitempty"`
	// TTLSecondsAfterFinished is how long a batch job is kept once it is complete: then it is deleted, as a Job of Kubernetes would be. None
	// keeps it. What it has written stays.
	//
	// +kubebuilder:validation:Minimum=0
	// +optional
	// +millrace:change=Ignore
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`
	// StartFrom says where to begin in topics that the job has never read. It counts at the first start only.
	//
	// +kubebuilder:default={type: "Earliest"}
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.startFrom is immutable: a job begins once"
	// +optional
	// +millrace:change=Immutable
	StartFrom StartFrom `json:"startFrom,omitempty"`
	// Parallelism is the number of worker pods; kubectl scale changes it. With spec.autoscaling in the mode Auto it is where the number begins.
	//
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	// +optional
	// +millrace:change=Rescale
	Parallelism int32 `json:"parallelism,omitempty"`
	// MaxParallelism is the number of partitions of the job's internal topics, and so the largest useful parallelism.
	//
	// +kubebuilder:default=32
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=256
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="maxParallelism is immutable: keys would move between the partitions of the state"
	// +optional
	// +millrace:change=Immutable
	MaxParallelism int32 `json:"maxParallelism,omitempty"`
	// Autoscaling lets the number of workers follow the load; none leaves it to parallelism.
	//
	// +optional
	// +millrace:change=Ignore
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
	// Delivery says how often a row counts that is on its way when a worker fails: ExactlyOnce; AtLeastOnce, which may count
	// it again; or AtMostOnce, which may lose it. The weaker ones commit without transactions, and cost less.
	//
	// +kubebuilder:default=ExactlyOnce
	// +optional
	// +millrace:change=Savepoint
	Delivery Delivery `json:"delivery,omitempty"`
	// CommitInterval is the longest time between two commits, as a Go duration: results become visible at least this
	// often. A worker that has caught up with its input commits earlier, as long as commits take a small part of its time.
	//
	// +kubebuilder:default="100ms"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10ms') && duration(self) <= duration('5s')",message="must be between 10ms and 5s"
	// +optional
	// +millrace:change=Roll
	CommitInterval metav1.Duration `json:"commitInterval,omitempty"`
	// BadRows says what becomes of a record that does not decode and of a row whose expression fails.
	//
	// +kubebuilder:default={type: "Fail"}
	// +optional
	// +millrace:change=Savepoint
	BadRows BadRows `json:"badRows,omitempty"`
	// State says where workers keep their state. Either way it is rebuilt from Kafka when it is lost.
	//
	// +kubebuilder:default={backend: "Pebble"}
	// +optional
	// +millrace:change=Roll
	State State `json:"state,omitempty"`
	// Savepoints says where the job's savepoints are; without it none can be made of it. `millrace savepoint create` asks for one.
	//
	// +optional
	// +millrace:change=Roll
	Savepoints *Savepoints `json:"savepoints,omitempty"`
	// MaxWatermarkDrift is how far a source partition may be ahead of the slowest one in event time, as a Go duration: the one ahead
	// waits. It bounds the windows that are open at once when sources lie at different times, as after a pause. Partitions that
	// are idle hold nobody back; one that is silent and never idle does. 0s is any distance.
	//
	// +kubebuilder:default="0s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="must be between 0s and 8760h"
	// +optional
	// +millrace:change=Roll
	MaxWatermarkDrift metav1.Duration `json:"maxWatermarkDrift,omitempty"`
	// MaxExchangeBytes is how much of an exchange may wait for its readers before the sources that write to it wait as well.
	//
	// +kubebuilder:default="256Mi"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).isGreaterThan(quantity('0')) && quantity(string(self)).isLessThan(quantity('1Pi'))",message="must be above 0 and below 1Pi"
	// +optional
	// +millrace:change=Roll
	MaxExchangeBytes *resource.Quantity `json:"maxExchangeBytes,omitempty"`
	// Overload says what a source partition does that falls far behind its end.
	//
	// +kubebuilder:default={type: "Wait"}
	// +optional
	// +millrace:change=Roll
	Overload Overload `json:"overload,omitempty"`
	// InternalTopics says how the job's internal topics (state, exchanges, commits) are replicated. They are made once,
	// at the first start.
	//
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.internalTopics is immutable: the topics are there; move replicas and set min.insync.replicas with Kafka's own tools"
	// +optional
	// +millrace:change=Immutable
	InternalTopics *InternalTopics `json:"internalTopics,omitempty"`
	// Upgrade says how the job gets to a plan that keeps other state.
	//
	// +kubebuilder:default={mode: "Savepoint", onIncompatible: "Refuse", deadline: "10m"}
	// +optional
	// +millrace:change=Ignore
	Upgrade Upgrade `json:"upgrade,omitempty"`
	// RevisionHistoryLimit is how many former versions of the job are kept as ControllerRevisions, to go back to.
	//
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	// +millrace:change=Ignore
	RevisionHistoryLimit *int32 `json:"revisionHistoryLimit,omitempty"`
	// Suspend stops the job, by a savepoint where it has state and spec.savepoints, and takes its workers away; false lets it go on where
	// it was. Without a savepoint it goes on from the group's offsets, which brokers forget after a while (offsets.retention.minutes,
	// a week by default): what is suspended for longer needs spec.savepoints.
	//
	// +optional
	// +millrace:change=Savepoint
	Suspend bool `json:"suspend,omitempty"`
	// RestoreFrom is the savepoint of this job, by namespace and name, below spec.savepoints.url, that the job's first start begins
	// from: its id, or savepoint/NAME for a StreamSavepoint of the namespace, which is waited for. Afterwards it counts no more.
	//
	// +kubebuilder:validation:MaxLength=263
	// +kubebuilder:validation:Pattern=`^([A-Za-z0-9][A-Za-z0-9._-]*|savepoint/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$`
	// +kubebuilder:validation:XValidation:rule="self.startsWith('savepoint/') || self.size() <= 128",message="the id of a savepoint has at most 128 characters"
	// +optional
	// +millrace:change=Ignore
	RestoreFrom string `json:"restoreFrom,omitempty"`
	// API opens the workers' HTTP API to those who have its token; without, workers show health and metrics only.
	//
	// +optional
	// +millrace:change=Roll
	API *API `json:"api,omitempty"`
	// Deletion says what becomes of what the job has on Kafka when the StreamJob is deleted.
	//
	// +kubebuilder:default={internalTopics: "Delete", savepoint: "Never"}
	// +optional
	// +millrace:change=Ignore
	Deletion Deletion `json:"deletion,omitempty"`
	// RuntimeVersion is the tag of the worker image; empty means the operator's own, as it was at the last change of the
	// job, so that a new operator restarts no worker.
	//
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_][A-Za-z0-9._-]*$`
	// +optional
	// +millrace:change=Roll
	RuntimeVersion string `json:"runtimeVersion,omitempty"`
	// Resources are the requests and limits of the worker container. A worker keeps its state within the limit of memory. Without a word of
	// memory here or in template both are 512Mi; a request alone means no limit. Without a word of CPUs the request is 100m.
	//
	// +optional
	// +millrace:change=Roll
	Resources corev1.ResourceRequirements `json:"resources,omitempty"`
	// Template is a part of a PodTemplateSpec (metadata.labels, metadata.annotations, spec) that is merged into the
	// worker pods: lists by name, as kubectl patch does. The worker's container is named worker. It is decoded strictly:
	// an unknown field stalls the job and leaves its pods as they are.
	//
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	// +millrace:change=Roll
	Template *runtime.RawExtension `json:"template,omitempty"`
}

// Savepoints says where savepoints are.
type Savepoints struct {
	// URL is s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER, a folder that all workers share by
	// way of template, as for state.snapshots. It holds no credentials.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^(s3|gs|azblob)://[^/?#]+|^file:///[^?#]')",message="must be s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER"
	// +kubebuilder:validation:XValidation:rule="!self.contains('@')",message="must not hold a user or a password: workers have the credentials of their ServiceAccount"
	// +millrace:change=Roll
	URL string `json:"url"`
	// Schedule has savepoints made at times, as StreamSavepoints; none makes none.
	//
	// +optional
	// +millrace:change=Ignore
	Schedule *SavepointSchedule `json:"schedule,omitempty"`
	// Retention has old ones deleted; none deletes none.
	//
	// +optional
	// +millrace:change=Ignore
	Retention *SavepointRetention `json:"retention,omitempty"`
}

// StartFrom is a starting point.
type StartFrom struct {
	// Type is Earliest, the oldest record that a topic holds, or Latest, what arrives after the start.
	//
	// +kubebuilder:validation:Enum=Earliest;Latest
	// +kubebuilder:default=Earliest
	// +optional
	// +millrace:change=Immutable
	Type string `json:"type,omitempty"`
}

// BadRows is the policy for rows that can't be processed.
type BadRows struct {
	// Type is Fail, which stops the job and names the row, or Skip, which leaves the row out and counts it.
	//
	// +kubebuilder:validation:Enum=Fail;Skip
	// +kubebuilder:default=Fail
	// +optional
	// +millrace:change=Savepoint
	Type string `json:"type,omitempty"`
}

// Overload is the policy for source partitions that fall behind.
//
// +kubebuilder:validation:XValidation:rule="has(self.maxLagRecords) == (self.type == 'Shed')",message="maxLagRecords is given with the type Shed, and with no other"
type Overload struct {
	// Type is Wait, which reads every record however late it is by then, or Shed, which leaves out and counts what lies more than
	// half of maxLagRecords before the end of a partition that is further behind than maxLagRecords. A job whose rows are made
	// can't have Shed.
	//
	// +kubebuilder:validation:Enum=Wait;Shed
	// +kubebuilder:default=Wait
	// +optional
	// +millrace:change=Roll
	Type string `json:"type,omitempty"`
	// MaxLagRecords is how far a source partition may be behind its end, in offsets: markers of transactions, and what compaction has
	// removed, count.
	//
	// +kubebuilder:validation:Minimum=1
	// +optional
	// +millrace:change=Roll
	MaxLagRecords *int64 `json:"maxLagRecords,omitempty"`
}

// State says where a worker keeps its state.
//
// +kubebuilder:validation:XValidation:rule="!has(self.storage) || self.backend == 'Pebble'",message="storage is for the backend Pebble only"
// +kubebuilder:validation:XValidation:rule="has(self.redis) == (self.backend == 'Redis')",message="redis is given with the backend Redis, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.postgres) == (self.backend == 'Postgres')",message="postgres is given with the backend Postgres, and with no other"
type State struct {
	// Backend is Pebble (on the pod's disk, larger than memory), Memory, or a server that several jobs may share: Redis
	// or Postgres. A job that changes to another restores its state from Kafka there.
	//
	// +kubebuilder:validation:Enum=Memory;Pebble;Redis;Postgres
	// +kubebuilder:default=Pebble
	// +optional
	// +millrace:change=Roll
	Backend StateBackend `json:"backend,omitempty"`
	// Storage asks for a volume a worker, which outlives the pod; none means the node's disk, which does not, and the
	// state is rebuilt from Kafka when a pod is replaced.
	//
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.state.storage is immutable: make a new StreamJob for other volumes"
	// +optional
	// +millrace:change=Immutable
	Storage *Storage `json:"storage,omitempty"`
	// Redis is the server of the backend Redis: Redis 6 or later, or what speaks like it; no cluster.
	//
	// +optional
	// +millrace:change=Roll
	Redis *RedisState `json:"redis,omitempty"`
	// Postgres is the server of the backend Postgres: PostgreSQL 12 or later.
	//
	// +optional
	// +millrace:change=Roll
	Postgres *PostgresState `json:"postgres,omitempty"`
	// Snapshots copies the state into a blob store: changelogs stay short, and a lost disk is filled from the copy. Without,
	// changelogs are rewritten now and then, and hold up to some four times the state. Once a changelog was shortened behind
	// a snapshot the snapshots are needed: to remove the field then, or to name another store, is to rely on the workers' disks
	// until the changelogs have been rewritten.
	//
	// +optional
	// +millrace:change=Roll
	Snapshots *Snapshots `json:"snapshots,omitempty"`
}

// StateBackend names a state store.
type StateBackend string

// The state stores.
const (
	// StateMemory keeps all state in the worker's memory.
	StateMemory StateBackend = "Memory"
	// StatePebble keeps state in a Pebble store on disk.
	StatePebble StateBackend = "Pebble"
	// StateRedis keeps state on a Redis server.
	StateRedis StateBackend = "Redis"
	// StatePostgres keeps state in a PostgreSQL database.
	StatePostgres StateBackend = "Postgres"
)

// Deletion says what a deleted job leaves behind.
type Deletion struct {
	// InternalTopics is Delete, which removes the job's internal topics and its consumer group, or Retain, which leaves
	// both: a job of the same name then does not start before they are deleted, by hand or with the annotation
	// millrace.dev/found-state=Delete on that job.
	//
	// +kubebuilder:validation:Enum=Delete;Retain
	// +kubebuilder:default=Delete
	// +optional
	// +millrace:change=Ignore
	InternalTopics DeletionPolicy `json:"internalTopics,omitempty"`
	// Savepoint is Never; IfPossible, which stops the job at a last savepoint in spec.savepoints.url, waits no longer than spec.upgrade.deadline
	// for each step, and goes on without where there is none; or Required, which keeps the job until there is one: its conditions say why, and to
	// set Never is the way out. In a namespace that is being deleted there is none.
	//
	// +kubebuilder:default=Never
	// +optional
	// +millrace:change=Ignore
	Savepoint LastSavepoint `json:"savepoint,omitempty"`
}
