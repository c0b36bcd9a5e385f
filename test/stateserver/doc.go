// Package stateserver runs servers that keep state, Redis and PostgreSQL, for tests: on the loopback interface, with data in a
// folder that goes with the test. Their programs are Debian's; test/setup.sh stores installs them.
package stateserver
