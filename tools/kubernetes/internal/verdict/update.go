package verdict

import (
	"context"
	"fmt"
	"slices"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/update"
)

// update judges the change from the old object, or says why nobody can.
func (t *task) update(ctx context.Context) {
	if found := identity(t.old, t.document); len(found) > 0 {
		t.judged = append(t.judged, Update)
		t.findings = append(t.findings, found...)
		return
	}
	if !t.created.usable {
		t.not = append(t.not, NotJudged{Part: Update, Why: "the server refuses the object before"})
		return
	}
	ctx, gaps := request.WithGaps(ctx)
	found, err := t.known.update(ctx, t.document, t.old)
	if err != nil {
		t.not = append(t.not, NotJudged{Part: Update, Why: err.Error()})
		return
	}
	if before, after := levels(t.old), levels(t.document); !slices.Equal(before, after) {
		found = append(found, after...)
	}
	for _, why := range gaps.Whys() {
		t.not = append(t.not, NotJudged{Part: Update, Why: why})
	}
	t.judged = append(t.judged, Update)
	t.updates = !finding.Refused(found)
	t.findings = append(t.findings, fresh(found, t.findings)...)
}

// claims are fields that only an existing object can have: a manifest with them is refused in any case.
var claims = []string{"/metadata/resourceVersion", "/metadata/uid"}

// ratchet says of an object whose update is accepted what is true of a refusal as a new object. The server keeps
// unchanged values that its validation no longer allows, and drops fields that belong to a former type.
func ratchet(found []finding.Finding) {
	for i, f := range found {
		new := f.Rule == finding.CreateRefused || f.Rule == finding.PodNamespace
		if new && f.Severity == finding.Error && f.Apply == "" && !slices.Contains(claims, f.Pointer) {
			found[i].Rule, found[i].Severity = finding.RefusedWhenNew, finding.Warning
			found[i].Message = "the update is accepted, a fresh cluster would refuse the object: " + f.Message
		}
	}
}

// update runs the update path of the object's kind.
func (s *state) update(ctx context.Context, document, old *manifest.Document) ([]finding.Finding, error) {
	kind, ok := s.table.Find(document.GVK.GroupKind())
	if !ok {
		return s.definitions.Update(ctx, document, old)
	}
	if _, readable := s.table.Registered(old.GVK); !readable {
		return nil, fmt.Errorf("%w: %s is unknown", update.ErrOldObject, old.GVK)
	}
	return kind.Update(ctx, document, old)
}

// identity says what no update can change: those are a deletion and a creation.
func identity(old, document *manifest.Document) []finding.Finding {
	var found []finding.Finding
	changed := func(pointer, field, before, after string) {
		if before != after {
			found = append(found, finding.Finding{
				Rule: finding.UpdateRefused, Severity: finding.Error, Pointer: pointer, Field: field, Type: "FieldValueInvalid",
				Message: fmt.Sprintf("%s: %q became %q: that is another object, not an update", field, before, after),
			})
		}
	}
	changed("/kind", "kind", old.GVK.Kind, document.GVK.Kind)
	changed("/apiVersion", "apiVersion", old.GVK.Group, document.GVK.Group)
	changed("/metadata/name", "metadata.name", old.Name, document.Name)
	changed("/metadata/namespace", "metadata.namespace", old.Namespace, document.Namespace)
	return found
}

// fresh leaves out what the creation of the same object already said of the same field.
func fresh(found, known []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		return slices.ContainsFunc(known, func(k finding.Finding) bool {
			return k.Pointer == f.Pointer && k.Message == f.Message
		})
	})
}
