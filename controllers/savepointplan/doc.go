// Package savepointplan decides what to do next about one StreamSavepoint. It is a pure function from the spec, the status (the journal of
// what was asked), and what was observed, to actions and the next status; it talks to nobody and owns no clock.
//
//	Pending ─► InProgress ─► Completed ─► Deleting ─► gone
//	   ▲           │  │                      ▲
//	   └───────────┘  └────► Failed ─────────┘
//	 it was not asked yet,   the job says so, or nobody says anything
//	 and can't be now        past the deadline
//
// What the job is asked for is in the status before it is asked, and its id follows from the StreamSavepoint: whoever asks again asks for the
// same. A savepoint whose data is being deleted says Deleting before the first file goes, and its record goes after the last one.
package savepointplan
