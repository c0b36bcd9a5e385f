package worker

import "strconv"

// taskID names a task's store.
func taskID(stage string, partition int32) string { return stage + "/" + strconv.Itoa(int(partition)) }
