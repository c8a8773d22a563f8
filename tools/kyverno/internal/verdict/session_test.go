package verdict

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"aurora.example/tools/protocol/transcript"
)

func TestTranscripts(t *testing.T) {
	t.Parallel()
	var transcripts []transcript.Transcript
	load(t, filepath.Join("testdata", "transcripts.yaml"), &transcripts)
	for _, played := range transcripts {
		session, err := NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if found, err := played.Differences(t.Context(), session.Program("test")); err != nil || len(found) > 0 {
			t.Errorf("%v %q", err, found)
		}
	}
}

func TestTheProgramSaysWhichKyvernoIsLinked(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`(?m)^\t` + regexp.QuoteMeta(kyvernoModule) + ` (v\S+)$`).FindSubmatch(module)
	if pinned == nil {
		t.Fatal("go.mod does not pin Kyverno directly")
	}
	// A test binary has no list of modules, so that only a build can be compared.
	if linked := LinkedKyverno(); linked != string(pinned[1]) && linked != "unknown" {
		t.Fatalf("linked is %s, pinned is %s", linked, pinned[1])
	}
}
