// Package protocol serves JSON lines: one request a line in, one reply a line out.
//
// It owns framing, parallel dispatch, order, time limits, panics and counting. It knows nothing of what is
// judged: a program hands in a Program and keeps every decision about objects. docs/protocol.md is the
// contract; its examples are decoded by a test of each program.
package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"
)

// Version of the envelope. It changes when a client of the former version would misread a line.
const Version = 1

// Outcome says what became of one request.
type Outcome string

// Every reply carries one of these outcomes.
const (
	// Judged means that the object was examined; the findings are in the result.
	Judged Outcome = "judged"
	// Unjudged means that no verdict exists; Error says why. It never means that the object passed.
	Unjudged Outcome = "unjudged"
	// Done answers a request that judges no object.
	Done Outcome = "done"
)

// Reasons that the protocol itself gives; programs add their own.
const (
	ReasonMalformed = "malformed-request"
	ReasonUnknown   = "unknown-request"
	ReasonPanic     = "panic"
	ReasonTimeLimit = "time-limit"
	ReasonInternal  = "internal"
)

// Request is the envelope of one line.
type Request struct {
	ID      string          `json:"id"`
	Request string          `json:"request"`
	Body    json.RawMessage `json:"body,omitempty"`
}

// Problem says why a request has no result.
type Problem struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Error makes a Problem usable as an error, so that programs return it from Handle.
func (p *Problem) Error() string { return p.Reason + ": " + p.Message }

// Reply is one line of output that answers one request.
type Reply struct {
	ID      string   `json:"id"`
	Line    int      `json:"line"`
	Reply   string   `json:"reply"`
	Outcome Outcome  `json:"outcome"`
	Error   *Problem `json:"error,omitempty"`
	Result  any      `json:"result,omitempty"`
}

// Hello is the first line of output.
type Hello struct {
	Reply      string            `json:"reply"`
	Program    string            `json:"program"`
	Version    string            `json:"version"`
	Protocol   int               `json:"protocol"`
	Kubernetes string            `json:"kubernetes,omitempty"`
	Requests   []string          `json:"requests"`
	Linked     map[string]string `json:"linked,omitempty"`
}

// Summary is the last line of output; Received equals Judged plus Unjudged plus Done.
type Summary struct {
	Reply    string `json:"reply"`
	Received int    `json:"received"`
	Judged   int    `json:"judged"`
	Unjudged int    `json:"unjudged"`
	Done     int    `json:"done"`
}

// Kind describes one request that a program understands.
type Kind struct {
	// Handle answers the request; a *Problem as error becomes an unjudged reply.
	Handle func(ctx context.Context, body json.RawMessage) (any, error)
	// Judges is true when a good answer is a verdict on an object.
	Judges bool
	// Alone makes the request wait for all earlier ones, and later ones wait for it.
	Alone bool
}

// Program is what the server loop serves.
type Program struct {
	Hello Hello
	Kinds map[string]Kind
	// TimeLimit returns the limit for one request; zero means none.
	TimeLimit func() time.Duration
	// Workers is the number of requests judged at the same time.
	Workers int
}

// Decode reads a request body strictly: an unknown field or trailing data is an error.
func Decode(body json.RawMessage, into any) error {
	if len(body) == 0 {
		body = json.RawMessage("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &Problem{Reason: ReasonMalformed, Message: err.Error()}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &Problem{Reason: ReasonMalformed, Message: "trailing data after the body"}
	}
	return nil
}

// decodeEnvelope reads one line strictly and refuses an envelope without id or request.
func decodeEnvelope(line []byte) (Request, error) {
	var request Request
	if err := Decode(line, &request); err != nil {
		return Request{ID: looseID(line)}, err
	}
	if request.ID == "" || request.Request == "" {
		return request, &Problem{Reason: ReasonMalformed, Message: "`id` and `request` must be non-empty strings"}
	}
	return request, nil
}

// looseID recovers the id of a line whose envelope has another fault, so that the client can place the reply.
func looseID(line []byte) string {
	var loose struct {
		ID any `json:"id"`
	}
	if json.Unmarshal(line, &loose) != nil {
		return ""
	}
	switch id := loose.ID.(type) {
	case string:
		return id
	case float64:
		return strconv.FormatFloat(id, 'f', -1, 64)
	}
	return ""
}
