// Package access opens the Kafka cluster of a KafkaConnection: it reads the Secrets and ConfigMaps that the connection names,
// past every cache and with get alone, and asks the pool for the cluster that is reached so.
//
// What was read stays in memory, with the client that needs it. The pool knows a client by the connection's UID and a hash of
// all that it was made from: a Secret that has changed gives another client with the next pass, and the former one is closed
// once nobody has asked for it for a while. Errors name the Secret, the key and the field, never what they hold.
package access
