package task

import "github.com/millrace/millrace/runtime/connector"

// Record is a consumed record. The task borrows Key and Value until Process returns.
type Record = connector.Record
