package render

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/protocol"
)

// one case: files of a chart, what is asked, and the reply.
type one struct {
	Name      string            `json:"name"`
	Chart     map[string]string `json:"chart"`
	Configure json.RawMessage   `json:"configure"`
	Request   string            `json:"request"`
	Body      map[string]any    `json:"body"`
	Result    map[string]any    `json:"result"`
	Reason    string            `json:"reason"`
	Message   string            `json:"message"`
}

// TestTheCases packs the chart of each case, and compares every key of the expected result and all of the message.
func TestTheCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of cases, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []one
		if err := yaml.UnmarshalStrict(data, &cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, each := range cases {
			t.Run(each.Name, func(t *testing.T) {
				t.Parallel()
				each.check(t)
			})
		}
	}
}

func (c one) check(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "demo-1.0.0.tgz")
	pack(t, archive, c.Chart)
	reply := c.ask(t, archive)
	if c.Reason != "" {
		if reply.Error == nil || reply.Error.Reason != c.Reason || reply.Error.Message != strings.TrimSpace(c.Message) {
			t.Errorf("ends with %v, not %s: %s", reply.Error, c.Reason, c.Message)
		}
		return
	}
	if reply.Error != nil {
		t.Fatalf("has no result: %v", reply.Error)
	}
	var result map[string]any
	if err := json.Unmarshal(reply.Result, &result); err != nil {
		t.Fatal(err)
	}
	for key, expected := range c.Result {
		asExpected(result[key], expected)
		got, _ := yaml.Marshal(result[key])
		wanted, _ := yaml.Marshal(expected)
		if string(got) != string(wanted) {
			t.Errorf("%s is\n%s\nnot\n%s", key, got, wanted)
		}
	}
}

// asExpected leaves the JSON of documents out where a case does not say it.
func asExpected(got, expected any) {
	documents, _ := got.([]any)
	wanted, _ := expected.([]any)
	for i, each := range documents {
		if document, is := each.(map[string]any); is && i < len(wanted) {
			if said, is := wanted[i].(map[string]any); is && said["object"] == nil {
				delete(document, "object")
			}
		}
	}
}

func (c one) ask(t *testing.T, archive string) protocol.Raw {
	body := map[string]any{"archive": archive}
	for key, value := range c.Body {
		body[key] = value
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	requests := []protocol.Request{{ID: "1", Request: c.Request, Body: encoded}}
	if len(c.Configure) > 0 {
		requests = slices.Insert(requests, 0, protocol.Request{ID: "0", Request: "configure", Body: c.Configure})
	}
	replies, err := protocol.Ask(t.Context(), NewSession().Program("test"), requests...)
	if err != nil {
		t.Fatal(err)
	}
	return replies[len(replies)-1]
}

// pack writes files as an archive, below the folder of the chart; a name that begins with `/` or `..` stays as it is.
func pack(t *testing.T, archive string, files map[string]string) {
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	packed := tar.NewWriter(zipped)
	for name, text := range files {
		if err := packed.WriteHeader(&tar.Header{Name: "demo/" + name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := packed.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, closed := range []func() error{packed.Close, zipped.Close, file.Close} {
		if err := closed(); err != nil {
			t.Fatal(err)
		}
	}
}
