// Package verdict answers the engine's requests: it configures policies, hands objects to them, and puts the
// results together so that every policy is accounted for on every object.
//
// The README of this module is the contract of every type here. It must not decide what a policy means.
package verdict

import (
	"encoding/json"

	"aurora.example/tools/kyverno/internal/kind"
	"aurora.example/tools/kyverno/internal/policy"
)

// Reasons for objects without a verdict, beside those of the protocol.
const (
	ReasonUnconfigured     = "not-configured"
	ReasonUnreadable       = "unreadable-document"
	ReasonUnknownKind      = "unknown-kind"
	ReasonUnknownNamespace = "unknown-namespace"
)

// Configure is the body of `configure`. A section that is present replaces what was there; one that is absent
// changes nothing.
type Configure struct {
	// Policies are objects, or strings that hold one YAML document.
	Policies *[]json.RawMessage `json:"policies,omitempty"`
	// Exceptions are PolicyExceptions in the same forms.
	Exceptions *[]json.RawMessage `json:"exceptions,omitempty"`
	// Namespaces are all namespaces in which objects lie, with the labels and annotations that are known.
	Namespaces *[]Namespace `json:"namespaces,omitempty"`
	// Resources are the kinds that are not built in.
	Resources *[]kind.Resource `json:"resources,omitempty"`
	// TimeLimitMilliseconds bounds the time for one object; zero means none.
	TimeLimitMilliseconds *int `json:"timeLimitMilliseconds,omitempty"`
}

// Namespace is a namespace of the input.
type Namespace struct {
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Configured is the result of `configure`: every policy and exception is either in use or refused.
type Configured struct {
	Policies   []PolicyInUse     `json:"policies"`
	Exceptions []ExceptionInUse  `json:"exceptions"`
	Refused    []*policy.Refusal `json:"refused"`
	Namespaces int               `json:"namespaces"`
	Resources  int               `json:"resources"`
}

// PolicyInUse is a compiled policy.
type PolicyInUse struct {
	Pointer    string   `json:"pointer"`
	APIVersion string   `json:"apiVersion"`
	Name       string   `json:"name"`
	Actions    []string `json:"actions"`
	// FailurePolicy decides what an error in a match condition does: `Fail` makes it an error, `Ignore` a skip.
	FailurePolicy string `json:"failurePolicy,omitempty"`
	// Autogen names the copies for controllers; it is empty where autogen is off or switched itself off.
	Autogen []string `json:"autogen"`
	// Exceptions are the keys of the exceptions from this policy.
	Exceptions []string `json:"exceptions"`
	// Reads lists what beside the object decides: `clock` or `chance`.
	Reads []string `json:"reads"`
	// UnknownResources are resources in rules that no known kind is stored as: these rules never match.
	UnknownResources []string `json:"unknownResources"`
}

// ExceptionInUse is an exception that exempts from at least one policy in use.
type ExceptionInUse struct {
	Key      string   `json:"key"`
	Policies []string `json:"policies"`
	// ReportResult is what an exempted object gets: `skip` or `pass`.
	ReportResult string `json:"reportResult"`
}

// Operation is what is done to the object.
type Operation string

// The operations that are judged; the empty one is Create.
const (
	Create Operation = "CREATE"
	Update Operation = "UPDATE"
	Delete Operation = "DELETE"
)

// Judge is the body of `judge`.
type Judge struct {
	Object json.RawMessage `json:"object"`
	// OldObject is what an update replaces; without it an update changes nothing.
	OldObject json.RawMessage `json:"oldObject,omitempty"`
	Operation Operation       `json:"operation,omitempty"`
	// Namespace is where an object lies that names none; without it that is `default`.
	Namespace string `json:"namespace,omitempty"`
}

// Resource names the object as admission sees it.
type Resource struct {
	Group     string `json:"group"`
	Version   string `json:"version"`
	Kind      string `json:"kind"`
	Resource  string `json:"resource"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// Verdict is the result of `judge`: every policy in use is in Results or in Unmatched.
type Verdict struct {
	Resource  Resource  `json:"resource"`
	Operation Operation `json:"operation"`
	Results   []Result  `json:"results"`
	// Unmatched are the policies that were not asked about this object; they have not passed.
	Unmatched []string `json:"unmatched"`
}

// Outcome is what a policy says of an object.
type Outcome string

// The outcomes that a policy may have.
const (
	Pass  Outcome = "pass"
	Fail  Outcome = "fail"
	Error Outcome = "error"
	Skip  Outcome = "skip"
)

// Result is the verdict of one policy, or of one of its copies for controllers.
type Result struct {
	Policy string `json:"policy"`
	// Rule is the rule of a ClusterPolicy that decided, as Kyverno names it: `autogen-` stands before a copy of one.
	Rule string `json:"rule,omitempty"`
	// Autogen names the copy; it is empty for the policy itself.
	Autogen string  `json:"autogen,omitempty"`
	Result  Outcome `json:"result"`
	// Skipped says what a skip is due to: `matchConditions`, `preconditions` or `exception`.
	Skipped string `json:"skipped,omitempty"`
	Message string `json:"message"`
	// Validation is the index of the validation that failed or ended in an error.
	Validation *int `json:"validation,omitempty"`
	// Exceptions are the keys of the exceptions that decided.
	Exceptions []string `json:"exceptions,omitempty"`
	// AuditAnnotations are what the policy would write to the audit log.
	AuditAnnotations map[string]string `json:"auditAnnotations,omitempty"`
}
