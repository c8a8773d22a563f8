// Package offline asks server validation, in this process and through its own protocol loop, what the rehearsal then
// asks a real server.
package offline

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"aurora.example/tools/kubernetes/internal/verdict"
	"aurora.example/tools/protocol"
)

// Subject is one object to judge; Old is nil for a new object.
type Subject struct {
	Manifest, Old []byte
}

// Verdict is what the program says of one subject.
type Verdict struct {
	// Unjudged is the reason why there is no verdict; then everything else is empty.
	Unjudged string
	verdict.Verdict
}

// Judge configures a session and judges the subjects; a problem of the configuration is an error.
func Judge(ctx context.Context, configure json.RawMessage, subjects []Subject) ([]Verdict, error) {
	if len(configure) == 0 {
		configure = json.RawMessage("{}")
	}
	requests := []protocol.Request{{ID: "configure", Request: "configure", Body: configure}}
	for i, subject := range subjects {
		body, err := json.Marshal(question(subject))
		if err != nil {
			return nil, err
		}
		requests = append(requests, protocol.Request{ID: strconv.Itoa(i), Request: "judge", Body: body})
	}
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
	return verdicts(replies[1:])
}

func question(subject Subject) verdict.Judge {
	parts := []verdict.Part{verdict.Create, verdict.Drift, verdict.Stored, verdict.PodSecurity, verdict.AdmissionPolicies}
	judge := verdict.Judge{Source: source(subject.Manifest), Want: parts}
	if subject.Old != nil {
		old := source(subject.Old)
		judge.Old, judge.Want = &old, append(parts, verdict.Update)
	}
	return judge
}

// source sends every manifest as text, as files are read.
func source(manifest []byte) verdict.Source { return verdict.Source{Text: string(manifest)} }

func verdicts(replies []protocol.Raw) ([]Verdict, error) {
	all := make([]Verdict, len(replies))
	for i, r := range replies {
		if r.Outcome != protocol.Judged {
			all[i].Unjudged = r.Error.Error()
			continue
		}
		if err := json.Unmarshal(r.Result, &all[i].Verdict); err != nil {
			return nil, err
		}
	}
	return all, nil
}
