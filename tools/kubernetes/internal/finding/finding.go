// Package finding holds what the program says about an object, and where in the manifest it says it.
//
// It knows JSON values, pointers and API errors; it never decides whether something is right.
package finding

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Severity of a finding.
type Severity string

// The severities of Aurora's reports.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Rule is the id of what was found.
type Rule string

// Every rule that the program reports; docs/protocol.md says what each means.
const (
	Malformed       Rule = "server/malformed"
	UnknownField    Rule = "server/unknown-field"
	DuplicateField  Rule = "server/duplicate-field"
	UnknownKind     Rule = "server/unknown-kind"
	NotServed       Rule = "server/not-served"
	NotStored       Rule = "server/not-stored"
	Deprecated      Rule = "server/deprecated"
	CreateRefused   Rule = "server/create-refused"
	UpdateRefused   Rule = "server/update-refused"
	RefusedWhenNew  Rule = "server/refused-when-new"
	ServerWarning   Rule = "server/warning"
	GenerateName    Rule = "server/generate-name"
	Drift           Rule = "server/drift"
	AdmissionDenied Rule = "server/admission-denied"
	PodEnforce      Rule = "pod-security/enforce"
	PodWarn         Rule = "pod-security/warn"
	PodAudit        Rule = "pod-security/audit"
	PodNamespace    Rule = "pod-security/namespace-labels"
	// The check that has these rules is about workloads; what they find, only the server's code can say.
	OutsideLimitRange Rule = "scaling/outside-limit-range"
	LimitRangeDefault Rule = "scaling/limit-range-default"
)

// Finding is one thing said about one field of one manifest.
type Finding struct {
	Rule     Rule     `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Pointer  string   `json:"pointer"`
	Type     string   `json:"type,omitempty"`
	Field    string   `json:"field,omitempty"`
	// TextLine is the line of the text, from 1, for faults that have no place in the object.
	TextLine   int    `json:"textLine,omitempty"`
	Expression string `json:"expression,omitempty"`
	Check      string `json:"check,omitempty"`
	Level      string `json:"level,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Policy     string `json:"policy,omitempty"`
	Binding    string `json:"binding,omitempty"`
	Partial    string `json:"partial,omitempty"`
	// Apply is the one way to apply that the finding is about.
	Apply string `json:"apply,omitempty"`
}

// The ways to apply an object.
const (
	ClientSide = "client-side"
	ServerSide = "server-side"
)

// Ways joins what two ways to apply come to, and marks what only one of them does. Values that a message quotes may differ.
func Ways(client, server []Finding) []Finding {
	joined := only(ClientSide, client, server)
	for _, f := range only(ServerSide, server, client) {
		if f.Apply != "" {
			joined = append(joined, f)
		}
	}
	return joined
}

func only(way string, found, other []Finding) []Finding {
	marked := slices.Clone(found)
	for i, f := range found {
		if !slices.ContainsFunc(other, func(o Finding) bool {
			return f.Rule == o.Rule && f.Pointer == o.Pointer && f.Field == o.Field && f.Type == o.Type && (f.Type != "" || f.Message == o.Message)
		}) {
			marked[i].Apply = way
		}
	}
	return marked
}

// FromError turns what a strategy returned into findings, one for each cause that the server names.
func FromError(rule Rule, err error, manifest any) []Finding {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return []Finding{{Rule: rule, Severity: Error, Message: err.Error(), Type: "InternalError"}}
	}
	s := status.Status()
	if s.Details == nil || len(s.Details.Causes) == 0 {
		return []Finding{{Rule: rule, Severity: Error, Message: s.Message, Type: string(s.Reason)}}
	}
	found := make([]Finding, 0, len(s.Details.Causes))
	for _, cause := range s.Details.Causes {
		found = append(found, fromCause(rule, cause, manifest))
	}
	return found
}

func fromCause(rule Rule, cause metav1.StatusCause, manifest any) Finding {
	path := cause.Field
	if path == "<nil>" {
		path = ""
	}
	message := cause.Message
	if path != "" {
		message = fmt.Sprintf("%s: %s", path, cause.Message)
	}
	return Finding{
		Rule: rule, Severity: Error, Message: message, Type: string(cause.Type),
		Field: path, Pointer: entry(manifest, Locate(manifest, path), cause.Message),
	}
}

// entry goes from a map to the one entry that a message quotes: the server names a bad label by its map alone.
func entry(manifest any, pointer, message string) string {
	value, _ := Lookup(manifest, pointer)
	entries, ok := value.(map[string]any)
	_, quoted, invalid := strings.Cut(message, "Invalid value: ")
	if !ok || !invalid {
		return pointer
	}
	prefix, err := strconv.QuotedPrefix(quoted)
	if err != nil {
		return pointer
	}
	bad, err := strconv.Unquote(prefix)
	if err != nil {
		return pointer
	}
	var found []string
	for key, held := range entries {
		if key == bad || held == bad {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		return pointer
	}
	return Join(pointer, found[0])
}

// Refused reports whether any finding is an error.
func Refused(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Severity == Error })
}

// Claims says what the server's storage says of a new object that claims a resourceVersion, and a server-side apply of one that
// claims a uid (apiserver's handlers, applyPatcher).
func Claims(resource schema.GroupResource, object metav1.Object) (found []Finding) {
	claimed := func(field, message string) {
		found = append(found, Finding{
			Rule: CreateRefused, Severity: Error, Type: "FieldValueForbidden",
			Field: "metadata." + field, Pointer: "/metadata/" + field, Message: message,
		})
	}
	if object.GetResourceVersion() != "" {
		claimed("resourceVersion", "metadata.resourceVersion: resourceVersion should not be set on objects to be created")
	}
	if uid := object.GetUID(); uid != "" {
		claimed("uid", apierrors.NewConflict(resource, object.GetName(),
			fmt.Errorf("uid mismatch: the provided object specified uid %s, and no existing object was found", uid)).Error())
	}
	return found
}

// Sort orders findings by place and words, and drops repetitions: the server walks maps in random order, and
// says some things twice.
func Sort(found []Finding) []Finding {
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message),
			cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Binding, b.Binding), cmp.Compare(a.Check, b.Check),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.TextLine, b.TextLine))
	})
	return slices.Compact(found)
}
