// Package streamtopic reconciles StreamTopics: it gathers the topic as Kafka shows it and who else holds it, asks
// topicplan what to do, does it, and writes the status once.
package streamtopic
