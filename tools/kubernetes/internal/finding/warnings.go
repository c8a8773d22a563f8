package finding

import (
	"regexp"
	"strings"
	"sync"
)

// Recorder collects the warnings that the server would send in response headers.
type Recorder struct {
	mutex sync.Mutex
	texts []string
}

// AddWarning implements k8s.io/apiserver/pkg/warning.Recorder.
func (r *Recorder) AddWarning(_, text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.texts = append(r.texts, text)
}

// warningPath is the form in which strategies prefix a warning with its field, as rest.RESTCreateStrategy asks.
var warningPath = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_$-]+|\[[^\]]*\])*): `)

// Findings turns the collected warnings into findings.
func (r *Recorder) Findings(rule Rule, manifest any) []Finding {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found := make([]Finding, 0, len(r.texts))
	for _, text := range r.texts {
		f := Finding{Rule: rule, Severity: Warning, Message: text}
		if match := warningPath.FindStringSubmatch(text); match != nil && strings.ContainsAny(match[1], ".[") {
			f.Field, f.Pointer = match[1], Locate(manifest, match[1])
		}
		found = append(found, f)
	}
	return found
}
