package verdict

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"aurora.example/tools/protocol"
)

// reply has a result that is decoded by who knows its type.
type reply = protocol.Raw

// request is one line of input.
type request struct {
	kind string
	body any
}

// serve runs a new session over requests and gives their replies, the first and the last line left out.
func serve(t testing.TB, requests ...request) []reply {
	t.Helper()
	asked := make([]protocol.Request, len(requests))
	for i, r := range requests {
		body, err := json.Marshal(r.body)
		if err != nil {
			t.Fatal(err)
		}
		asked[i] = protocol.Request{ID: strconv.Itoa(i), Request: r.kind, Body: body}
	}
	session, err := NewSession()
	if err != nil {
		t.Fatal(err)
	}
	replies, err := protocol.Ask(t.Context(), session.Program("test"), asked...)
	if err != nil {
		t.Fatal(err)
	}
	return replies
}

// decode refuses fields that the type does not have, so that a test notices what it does not look at.
func decode(t testing.TB, data []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

// configure runs one `configure` that must be answered, and gives its result.
func configure(t testing.TB, body any) Configured {
	t.Helper()
	var result Configured
	decode(t, done(t, serve(t, request{"configure", body})[0]), &result)
	return result
}

func done(t testing.TB, r reply) []byte {
	t.Helper()
	if r.Outcome == protocol.Unjudged {
		t.Fatalf("request %s: %v", r.ID, r.Error)
	}
	return r.Result
}

// load reads a YAML file strictly; merge keys may be overridden.
func load(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	converted, err := json.Marshal(tree)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	decode(t, converted, into)
}

// files gives the YAML files of a folder of testdata, and fails if there is none.
func files(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no file matches %s: %v", pattern, err)
	}
	return found
}

// stem is the name of a file without its folder and extension.
func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}
