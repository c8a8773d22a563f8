package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// fail turns the reply into an unjudged one.
func (r *Reply) fail(err error) {
	r.Outcome, r.Result = Unjudged, nil
	var problem *Problem
	if !errors.As(err, &problem) {
		problem = &Problem{Reason: ReasonInternal, Message: err.Error()}
	}
	r.Error = problem
}

// answer fills the reply within the time limit, whatever the handler does.
func (p Program) answer(ctx context.Context, request Request, reply *Reply) {
	kind, known := p.Kinds[request.Request]
	if !known {
		reply.fail(&Problem{Reason: ReasonUnknown, Message: fmt.Sprintf("unknown request `%s`", request.Request)})
		return
	}
	result, err := p.handle(ctx, kind, request.Body)
	if err != nil {
		reply.fail(err)
		return
	}
	reply.Result, reply.Outcome = result, Done
	if kind.Judges {
		reply.Outcome = Judged
	}
}

type handled struct {
	result any
	err    error
}

// handle runs the handler on a goroutine of its own when there is a limit: Go cannot stop a goroutine, so one
// that exceeds the limit is left behind and ends with the process.
func (p Program) handle(ctx context.Context, kind Kind, body json.RawMessage) (any, error) {
	limit := time.Duration(0)
	if p.TimeLimit != nil && kind.Judges {
		limit = p.TimeLimit()
	}
	if limit <= 0 {
		h := recovered(ctx, kind, body)
		return h.result, h.err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answered := make(chan handled, 1)
	go func() { answered <- recovered(limited, kind, body) }()
	select {
	case h := <-answered:
		return h.result, h.err
	case <-limited.Done():
		return nil, &Problem{Reason: ReasonTimeLimit, Message: fmt.Sprintf("no verdict within %s", limit)}
	}
}

// recovered turns a panic into a problem that names its innermost frames.
func recovered(ctx context.Context, kind Kind, body json.RawMessage) (h handled) {
	defer func() {
		if cause := recover(); cause != nil {
			h = handled{err: &Problem{Reason: ReasonPanic, Message: fmt.Sprintf("panic: %v%s", cause, frames())}}
		}
	}()
	result, err := kind.Handle(ctx, body)
	return handled{result, err}
}

// frames names the functions nearest to the panic, without addresses and without paths of the building machine.
func frames() string {
	var names []string
	for _, line := range strings.Split(string(debug.Stack()), "\n") {
		end := strings.LastIndex(line, "(")
		if end > 0 && !strings.HasPrefix(line, "\t") && strings.Contains(line[:end], "/") {
			names = append(names, line[strings.LastIndex(line[:end], "/")+1:end])
		}
	}
	const skip, keep = 2, 4
	if len(names) <= skip {
		return ""
	}
	return " in " + strings.Join(names[skip:min(len(names), skip+keep)], " < ")
}
