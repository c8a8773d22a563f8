package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"aurora.example/tools/kubernetes/internal/rehearsal/comparison"
	"aurora.example/tools/kubernetes/internal/verdict"
	"aurora.example/tools/protocol"
)

// judged asks server validation, in this process and through its own protocol loop, what is then asked of a real
// server. Every manifest is sent as text, as files are read; a problem of the configuration is an error.
func (s suite) judged(ctx context.Context) ([]comparison.Verdict, error) {
	asked := []any{s.configure}
	for _, subject := range s.subjects {
		parts := []verdict.Part{verdict.Create, verdict.Drift, verdict.Stored, verdict.PodSecurity, verdict.AdmissionPolicies}
		judge := verdict.Judge{Source: verdict.Source{Text: string(subject.Manifest)}, Want: parts}
		if subject.Old != nil {
			judge.Old, judge.Want = &verdict.Source{Text: string(subject.Old)}, append(parts, verdict.Update)
		}
		asked = append(asked, judge)
	}
	requests := make([]protocol.Request, len(asked))
	for i, body := range asked {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		requests[i] = protocol.Request{ID: strconv.Itoa(i), Request: "judge", Body: data}
	}
	requests[0].Request = "configure"
	session, err := verdict.NewSession()
	if err != nil {
		return nil, err
	}
	replies, err := protocol.Ask(ctx, session.Program("rehearsal"), requests...)
	if err != nil {
		return nil, err
	}
	var configured verdict.Configured
	if err := json.Unmarshal(replies[0].Result, &configured); err != nil || len(configured.Problems) > 0 {
		return nil, fmt.Errorf("configure: %v %v %w", configured.Problems, replies[0].Error, err)
	}
	all := make([]comparison.Verdict, len(s.subjects))
	for i, reply := range replies[1:] {
		if reply.Outcome != protocol.Judged {
			all[i].Unjudged = reply.Error.Error()
		} else if err := json.Unmarshal(reply.Result, &all[i].Verdict); err != nil {
			return nil, err
		}
	}
	return all, nil
}
