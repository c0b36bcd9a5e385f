// Package secretfile reads what a connection to Kafka needs to be secure from files, such as those of a mounted Secret. Each
// connection reads them anew, so that a Secret that was changed counts without a restart.
package secretfile
