package sql

const (
	secondsPerDay   = 24 * 60 * 60
	timestampLayout = "2006-01-02 15:04:05.999999"
)
