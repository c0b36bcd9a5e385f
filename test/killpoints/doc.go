// Package killpoints kills the operator before and after every effect that it has outside: each write to the API server and each request to Kafka
// that changes something, control topic included. Which these are is found by playing a scenario once with a recorder in between, and compared
// with killpoints.golden.txt, so that a new effect fails the test until somebody has looked at it; `-rewrite` writes the file.
//
//	scenario ─► played whole, recorded ─► names of effects, how often each
//	        └─► once more for each of them, twice: the operator dies before it, or after it with the answer lost
//	            └─► another operator begins; the scenario must come to its end, and each row count once
//
// Everything is in one process and in fake time: the reconciler as it is deployed, with the Kafka client of the operator, an API server in memory
// (controller-runtime's fake, completed by api.go), a broker in memory, and test/fakenode, whose pods are real workers.
//
//	go test ./test/killpoints                    every 12th of the kill points, others each day
//	go test ./test/killpoints -args -all         all of them: make kill-points
//	go test ./test/killpoints -run TestKillPoints/upgrade -args -all -at 'fence: LeaveGroup'
package killpoints
