package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// Raw is a reply with its result left as it is, for clients that decode it into types of their own.
type Raw struct {
	Reply
	Result json.RawMessage `json:"result"`
}

// Ask sends requests through the loop, as a client would, and returns their replies.
func Ask(ctx context.Context, program Program, requests ...Request) ([]Raw, error) {
	var in, out bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, request := range requests {
		if err := encoder.Encode(request); err != nil {
			return nil, err
		}
	}
	if err := Serve(ctx, program, &in, &out); err != nil {
		return nil, err
	}
	return Replies(out.Bytes(), len(requests))
}

// Replies reads the output of a run between its first and its last line.
func Replies(output []byte, requests int) ([]Raw, error) {
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	if len(lines) != requests+2 {
		return nil, fmt.Errorf("%d lines for %d requests", len(lines), requests)
	}
	replies := make([]Raw, requests)
	for i := range replies {
		if err := json.Unmarshal(lines[i+1], &replies[i]); err != nil {
			return nil, err
		}
	}
	return replies, nil
}
