package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

type echoBody struct {
	Text  string `json:"text"`
	Sleep int    `json:"sleep"`
	Panic bool   `json:"panic"`
	Bad   bool   `json:"bad"`
}

type bomb struct{}

func (bomb) MarshalJSON() ([]byte, error) { panic("unmarshalable") }

func echo(ctx context.Context, body json.RawMessage) (any, error) {
	var b echoBody
	if err := Decode(body, &b); err != nil {
		return nil, err
	}
	if b.Panic {
		panic("asked for")
	}
	if b.Bad {
		return bomb{}, nil
	}
	time.Sleep(time.Duration(b.Sleep) * time.Millisecond)
	return map[string]int{"length": len(b.Text)}, nil
}

func program(limit time.Duration) Program {
	return Program{
		Hello: Hello{Program: "echo", Version: "1"}, Workers: 4,
		Kinds:     map[string]Kind{"judge": {Handle: echo, Judges: true}, "ping": {Handle: echo, Alone: true}},
		TimeLimit: func() time.Duration { return limit },
	}
}

func serve(t *testing.T, p Program, input string) ([]Raw, Summary) {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(context.Background(), p, strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	replies, err := Replies(out.Bytes(), len(lines)-2)
	if err != nil {
		t.Fatal(err)
	}
	var summary Summary
	if err := json.Unmarshal(lines[len(lines)-1], &summary); err != nil || summary.Reply != "summary" {
		t.Fatalf("no summary in %q: %v", lines[len(lines)-1], err)
	}
	var hello Hello
	if err := json.Unmarshal(lines[0], &hello); err != nil || hello.Reply != "hello" || hello.Protocol != Version {
		t.Fatalf("no hello in %q: %v", lines[0], err)
	}
	return replies, summary
}

func TestRepliesKeepTheOrderOfRequestsAndEveryOneIsCounted(t *testing.T) {
	var input strings.Builder
	for i := range 300 {
		fmt.Fprintf(&input, `{"id":"r%d","request":"judge","body":{"sleep":%d}}`+"\n", i, rand.IntN(3))
	}
	replies, summary := serve(t, program(0), input.String())
	for i, r := range replies {
		if r.ID != fmt.Sprintf("r%d", i) || r.Line != i+1 || r.Outcome != Judged {
			t.Fatalf("reply %d is %+v", i, r)
		}
	}
	if summary.Received != 300 || summary.Judged != 300 {
		t.Fatalf("summary %+v", summary)
	}
}

func TestFaultyRequestsAreAnsweredAsUnjudged(t *testing.T) {
	cases := map[string]struct{ line, id, reason string }{
		"not JSON":        {`{"id":"a"`, "", ReasonMalformed},
		"not an object":   {`[1]`, "", ReasonMalformed},
		"no request":      {`{"id":"a"}`, "a", ReasonMalformed},
		"unknown key":     {`{"id":"a","request":"judge","boby":{}}`, "a", ReasonMalformed},
		"numeric id":      {`{"id":7,"request":"judge"}`, "7", ReasonMalformed},
		"unknown request": {`{"id":"a","request":"jugde"}`, "a", ReasonUnknown},
		"unknown body":    {`{"id":"a","request":"judge","body":{"txt":1}}`, "a", ReasonMalformed},
		"panic":           {`{"id":"a","request":"judge","body":{"panic":true}}`, "a", ReasonPanic},
		"encoding panics": {`{"id":"a","request":"judge","body":{"bad":true}}`, "a", ReasonPanic},
		"too slow":        {`{"id":"a","request":"judge","body":{"sleep":2000}}`, "a", ReasonTimeLimit},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			good := `{"id":"good","request":"judge"}`
			replies, summary := serve(t, program(200*time.Millisecond), c.line+"\n"+good)
			r := replies[0]
			if r.ID != c.id || r.Outcome != Unjudged || r.Error == nil || r.Error.Reason != c.reason || r.Result != nil {
				t.Fatalf("reply %+v %+v", r, r.Error)
			}
			if replies[1].Outcome != Judged || summary.Unjudged != 1 || summary.Received != 2 {
				t.Fatalf("the run did not go on: %+v %+v", replies[1], summary)
			}
		})
	}
}

func TestPanicNamesTheFunctionAndNoPath(t *testing.T) {
	replies, _ := serve(t, program(0), `{"id":"a","request":"judge","body":{"panic":true}}`)
	if m := replies[0].Error.Message; !strings.Contains(m, "protocol.echo") || strings.Contains(m, ".go:") {
		t.Fatalf("message %q", m)
	}
}

func TestLinesHaveNoLengthLimit(t *testing.T) {
	for _, size := range []int{1 << 20, 20 << 20} {
		line := `{"id":"big","request":"judge","body":{"text":"` + strings.Repeat("x", size) + `"}}`
		replies, _ := serve(t, program(0), line)
		if got := string(replies[0].Result); got != fmt.Sprintf(`{"length":%d}`, size) {
			t.Fatalf("%s of %d", got, size)
		}
	}
}

func TestARequestThatRunsAloneWaitsForEarlierOnes(t *testing.T) {
	var running, seen int
	busy := make(chan struct{}, 8)
	p := program(0)
	p.Kinds["judge"] = Kind{Judges: true, Handle: func(context.Context, json.RawMessage) (any, error) {
		busy <- struct{}{}
		time.Sleep(20 * time.Millisecond)
		<-busy
		return 1, nil
	}}
	p.Kinds["ping"] = Kind{Alone: true, Handle: func(context.Context, json.RawMessage) (any, error) {
		running += len(busy)
		seen++
		return 1, nil
	}}
	block := strings.Repeat(`{"id":"j","request":"judge"}`+"\n", 5) + `{"id":"p","request":"ping"}` + "\n"
	_, summary := serve(t, p, block+block)
	if running != 0 || seen != 2 || summary.Done != 2 || summary.Judged != 10 {
		t.Fatalf("running %d, seen %d, summary %+v", running, seen, summary)
	}
}

func TestBlankLinesAreNoRequestsAndTheLastLineNeedsNoNewline(t *testing.T) {
	replies, summary := serve(t, program(0), "\n\r\n  \n"+`{"id":"a","request":"ping"}`)
	if summary.Received != 1 || replies[0].Line != 4 || replies[0].Outcome != Done {
		t.Fatalf("%+v %+v", replies, summary)
	}
}
