// Package transcript plays requests to a program and compares its replies with what a file expects of them.
//
// Only tests use it. It knows nothing of what is asked.
package transcript

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"aurora.example/tools/protocol"
)

// Transcript is a run of the program: what it shows, and its requests in their order.
type Transcript struct {
	Name string `json:"name"`
	Play []Step `json:"play"`
}

// Step is one request and what has to be in its reply: the outcome `judged` or `done`, or the reason why there is none.
type Step struct {
	Ask     string           `json:"ask"`
	Body    json.RawMessage  `json:"body"`
	Outcome protocol.Outcome `json:"outcome"`
	Reason  string           `json:"reason"`
	// Result is a part of the result: of an object the fields that are named, of a list every item; a text that begins
	// with `~` is a part of the text, and null stands for what is not there.
	Result any `json:"result"`
}

// Differences plays a transcript and says what is otherwise than it expects.
func (t Transcript) Differences(ctx context.Context, program protocol.Program) (found []string, err error) {
	requests := make([]protocol.Request, len(t.Play))
	for i, step := range t.Play {
		requests[i] = protocol.Request{ID: fmt.Sprint(i + 1), Request: step.Ask, Body: step.Body}
	}
	replies, err := protocol.Ask(ctx, program, requests...)
	if err != nil {
		return nil, err
	}
	for i, step := range t.Play {
		reply, at := replies[i], fmt.Sprintf("%s: reply %d", t.Name, i+1)
		if step.Reason != "" {
			step.Outcome = protocol.Unjudged
		}
		problem := reply.Error
		if problem == nil {
			problem = &protocol.Problem{}
		}
		var result any
		if len(reply.Result) > 0 {
			err = json.Unmarshal(reply.Result, &result)
		}
		if err != nil || reply.Outcome != step.Outcome || problem.Reason != step.Reason {
			found = append(found, fmt.Sprintf("%s is %s, %v, not %s %s", at, reply.Outcome, problem, step.Outcome, step.Reason))
		} else if step.Result != nil {
			found = append(found, differences(at, result, step.Result)...)
		}
	}
	return found, nil
}

func differences(at string, got, wanted any) (found []string) {
	switch wanted := wanted.(type) {
	case map[string]any:
		if fields, ok := got.(map[string]any); ok {
			for name, value := range wanted {
				found = append(found, differences(at+"/"+name, fields[name], value)...)
			}
			return found
		}
	case []any:
		if items, ok := got.([]any); ok && len(items) == len(wanted) {
			for i := range wanted {
				found = append(found, differences(fmt.Sprintf("%s/%d", at, i), items[i], wanted[i])...)
			}
			return found
		}
	case string:
		part, isPart := strings.CutPrefix(wanted, "~")
		if text, ok := got.(string); ok && isPart && strings.Contains(text, part) {
			return nil
		}
	}
	if !reflect.DeepEqual(got, wanted) {
		data, _ := json.Marshal(got)
		found = append(found, fmt.Sprintf("%s is %s, not %v", at, data, wanted))
	}
	return found
}
