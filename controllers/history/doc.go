// Package history keeps the versions of a StreamJob as ControllerRevisions, the way StatefulSets keep theirs: owned by the job, numbered, one for
// each content, the oldest thrown away. It says what is to be written, and writes nothing.
//
//	spec ─► Version (what makes a version of it) ─► name, ControllerRevision
//	                                             └► Differences, Patch (the way back)
//
// What of a spec makes a version follows from the markers of its fields: all whose change starts or replaces a worker, and those that can't
// change; not the number of workers, not what says how changes are made, and not whether the job is suspended.
package history
