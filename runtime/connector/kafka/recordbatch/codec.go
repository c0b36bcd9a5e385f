package recordbatch

// Codec is how a batch's records are compressed, by the numbers of the format.
type Codec int16

// The codecs.
const (
	None Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)
