package topicplan

import "fmt"

// Notice is what is worth an event once the actions are done.
type Notice struct {
	// Warning says that somebody should look.
	Warning bool
	// Reason is one of the API's reasons.
	Reason string
	// Message says what happened.
	Message string
}

func notice(reason, format string, args ...any) Notice {
	return Notice{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func warning(reason, format string, args ...any) Notice {
	return Notice{Warning: true, Reason: reason, Message: fmt.Sprintf(format, args...)}
}
