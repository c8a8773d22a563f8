package comparison

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/rehearsal/client"
	"aurora.example/tools/kubernetes/internal/verdict"
)

// refusing are the rules whose errors mean that the server refuses the object.
var refusing = map[finding.Rule]bool{
	finding.Malformed: true, finding.UnknownField: true, finding.DuplicateField: true, finding.UnknownKind: true,
	finding.NotServed: true, finding.NotStored: true, finding.CreateRefused: true, finding.UpdateRefused: true,
	finding.AdmissionDenied: true, finding.PodNamespace: true,
}

// absent are the rules for kinds that the server does not have: it only says that it found nothing.
var absent = []finding.Rule{finding.UnknownKind, finding.NotServed, finding.NotStored}

// refuses reports whether a finding says that the server refuses the object; pods are refused for their level, and
// what makes pods is not.
func (c *comparing) refuses(f finding.Finding) bool {
	if f.Severity != finding.Error {
		return false
	}
	return refusing[f.Rule] || f.Rule == finding.PodEnforce && c.Verdict.Resource.Kind == "Pod"
}

// accepts reports whether the object is accepted offline.
func (c *comparing) accepts() bool {
	return c.Verdict.Unjudged == "" && !slices.ContainsFunc(c.Verdict.Findings, c.refuses)
}

func (c *comparing) judgedUpdate() bool {
	return slices.Contains(c.Verdict.Judged, verdict.Update) && c.accepts()
}

// words are the refusals, as one text.
func (c *comparing) words() string {
	var all []string
	for _, f := range c.Verdict.Findings {
		if c.refuses(f) {
			all = append(all, f.Message)
		}
	}
	return strings.Join(all, "; ")
}

// refusal is the answer to compare words with: that of the plain creation where there is one, since a server-side
// apply may stop before the server's own checks.
func (c *comparing) refusal() *client.Answer {
	if c.Report.Create != nil && !c.Report.Create.Accepted() {
		return c.Report.Create
	}
	return c.Report.Apply
}

// refusals compares fields and reasons where both sides refuse.
func (c *comparing) refusals() {
	if slices.ContainsFunc(c.Verdict.Findings, func(f finding.Finding) bool { return slices.Contains(absent, f.Rule) }) {
		return
	}
	status := c.refusal().Status
	if decoding := strict(status.Message); decoding != nil {
		c.sameSet(c.messages(finding.UnknownField, finding.DuplicateField), decoding)
		return
	}
	if status.Details != nil && len(status.Details.Causes) > 0 && status.Reason == metav1.StatusReasonInvalid {
		c.sameSet(c.messages(finding.CreateRefused, finding.UpdateRefused, finding.PodNamespace, finding.AdmissionDenied), causes(status))
		return
	}
	c.quoted(status.Message)
}

// quoted demands that the server's one message holds every reason that was given offline.
func (c *comparing) quoted(message string) {
	message = plain(message)
	for _, f := range c.Verdict.Findings {
		said := plain(f.Message)
		if f.Rule == finding.PodEnforce {
			said = violation(said)
		}
		c.when(c.refuses(f) && !strings.Contains(message, said), Words, said, message)
	}
}

func (c *comparing) messages(rules ...finding.Rule) []string {
	var all []string
	for _, f := range c.Verdict.Findings {
		if f.Severity == finding.Error && slices.Contains(rules, f.Rule) {
			all = append(all, f.Message)
		}
	}
	return all
}

// strictField is a field that strict decoding refuses, in the server's words.
var strictField = regexp.MustCompile(`(?:unknown|duplicate) field "[^"]*"`)

// yamlKey is a key that YAML text has twice.
var yamlKey = regexp.MustCompile(`line (\d+): key "([^"]*)" already set in map`)

// undeclared is a field that a server-side apply does not know.
var undeclared = regexp.MustCompile(`\.(\S+): field not declared in schema`)

// strict lists the fields that strict decoding refuses; nil when the message is about something else.
func strict(message string) []string {
	found := strictField.FindAllString(message, -1)
	for _, match := range undeclared.FindAllStringSubmatch(message, -1) {
		found = append(found, fmt.Sprintf("unknown field %q", match[1]))
	}
	for _, match := range yamlKey.FindAllStringSubmatch(message, -1) {
		found = append(found, fmt.Sprintf("duplicate field %q (line %s of the text)", match[2], match[1]))
	}
	return found
}

func causes(status *metav1.Status) []string {
	all := make([]string, len(status.Details.Causes))
	for i, cause := range status.Details.Causes {
		all[i] = cause.Message
		if cause.Field != "" && cause.Field != "<nil>" {
			all[i] = cause.Field + ": " + cause.Message
		}
	}
	return all
}

func (c *comparing) sameSet(offline, server []string) {
	c.setDifference(Words, offline, server)
}

// setDifference names what only one side says.
func (c *comparing) setDifference(aspect Aspect, offline, server []string) {
	left, right := plainSet(offline), plainSet(server)
	for _, text := range left {
		c.when(!slices.Contains(right, text), aspect, text, "-")
	}
	for _, text := range right {
		c.when(!slices.Contains(left, text), aspect, "-", text)
	}
}

func plainSet(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = plain(text)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var (
	drawnUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hunk     = regexp.MustCompile(`@@ -[0-9,]+ \+[0-9,]+ @@`)
	space    = regexp.MustCompile(`[\s\x{00a0}]+`)
)

// plain takes out what differs from run to run: drawn ids, the spaces that Go's printer of differences varies on purpose,
// and its line numbers, which count the fields that a cluster fills in.
func plain(text string) string {
	text = hunk.ReplaceAllString(drawnUID.ReplaceAllString(text, "UID"), "@@")
	return strings.TrimSpace(space.ReplaceAllString(text, " "))
}
