// Package webhook answers the API server, which asks before it stores a StreamJob, StreamTopic or KafkaConnection: it gathers what package
// admission needs to judge the change, and passes the answer on. Every replica of the operator answers.
//
// It must never be what keeps a cluster from working. What it can't judge (an object that it can't read, a compiler that takes too long or
// panics, an API server that does not answer) it takes, with a warning; where it does not answer at all, the configuration of the webhook
// takes the change (failurePolicy: Ignore), and the reconcilers find what is wrong. It writes nothing, so a dry run gets the same answer.
//
// It judges by the cache. Only an answer that would refuse or keep somebody waiting is looked at again past it: a cache that is behind must
// not refuse what has just been put right.
//
// Keeper and Certificate look after the server's certificate, unless somebody else mounts it as files.
package webhook
