// Package workerapi asks workers what they do, by the figures that their plain doors show to whoever reaches them: no token is needed, and none
// is kept. A worker that does not answer is data that is missing, never a failed job.
package workerapi
