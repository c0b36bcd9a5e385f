// Package certificate makes the certificates of a server whose clients are told whom to trust, and decides when they are made anew. It is
// pure but for the keys that it makes: what is held comes in and goes out as a value, and so does the time.
//
//	          30 days before the end              an hour after clients were told
//	current ─────────────────────────► current, next ─────────────────────────────► next is current
//	trusted: its CA                    trusted: both CAs                             trusted: both, until the older one is over
//
// Each certificate has a CA of its own, whose key is thrown away once it has signed: nobody can sign another one by what is held. At every
// moment clients trust what is served: a new certificate is served only when its CA has been trusted for a while, so no replica of a
// server, however late it reads what is held, shows one that is unknown.
package certificate
