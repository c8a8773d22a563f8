// Package policy reads policies and exceptions, and refuses by name what the engine does not judge.
//
// It owns the decision whether a policy can be judged from an object alone. It must not judge objects.
package policy

import (
	"fmt"
	"strings"
)

// Reason classifies a refusal.
type Reason string

// The reasons for which a policy or an exception is refused.
const (
	// Unreadable means that the entry is not one object.
	Unreadable Reason = "unreadable-document"
	// UnsupportedKind means that another program is in charge of this kind.
	UnsupportedKind Reason = "unsupported-kind"
	// UnsupportedMode means that the policy judges something else than Kubernetes objects.
	UnsupportedMode Reason = "unsupported-mode"
	// UnsupportedFeature means that a verdict needs more than the object.
	UnsupportedFeature Reason = "unsupported-feature"
	// Invalid means that Kyverno's own schema or admission checks refuse the entry.
	Invalid Reason = "invalid"
	// Uncompilable means that an expression does not compile.
	Uncompilable Reason = "does-not-compile"
	// DuplicateName means that several policies have one name, so that a result would not say whose it is.
	DuplicateName Reason = "duplicate-name"
	// UnknownController means that autogen would silently leave out a controller.
	UnknownController Reason = "unknown-controller"
	// UnknownPolicy means that an exception exempts from no policy that is judged.
	UnknownPolicy Reason = "unknown-policy"
	// Expired means that an exception no longer holds.
	Expired Reason = "expired"
)

// Identity names an entry as far as it could be read.
type Identity struct {
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`
}

// Refusal says why an entry takes no part in judging.
type Refusal struct {
	// Pointer leads to the entry in the body of `configure`.
	Pointer string `json:"pointer"`
	Identity
	Reason Reason `json:"reason"`
	// Field is the path inside the entry, such as `spec.variables[0].expression`, where one is to blame.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// longest is how much of one line of a message is kept: compilers repeat whole expressions.
const longest = 400

// refuse makes a refusal; whoever knows the entry fills in the rest.
func refuse(reason Reason, format string, arguments ...any) *Refusal {
	return &Refusal{Reason: reason, Message: shorten(fmt.Sprintf(format, arguments...))}
}

// at names the field to blame.
func (r *Refusal) at(field string) *Refusal {
	r.Field = field
	return r
}

// shorten cuts long lines and says how much it cut.
func shorten(message string) string {
	lines := strings.Split(message, "\n")
	for i, line := range lines {
		if characters := []rune(line); len(characters) > longest {
			lines[i] = fmt.Sprintf("%s … (%d characters more)", string(characters[:longest]), len(characters)-longest)
		}
	}
	return strings.Join(lines, "\n")
}
