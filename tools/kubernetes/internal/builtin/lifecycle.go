package builtin

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/deprecation"

	"aurora.example/tools/kubernetes/internal/finding"
)

// Release is a Kubernetes release without its patch number.
type Release struct{ Major, Minor int }

func (r Release) String() string { return fmt.Sprintf("%d.%d", r.Major, r.Minor) }

type replaced interface {
	APILifecycleReplacement() schema.GroupVersionKind
}

// Deprecated says what the server's warning header would say about the version of an object.
//
// The facts are those of the generated APILifecycle methods of k8s.io/api.
func Deprecated(object runtime.Object, now Release) []finding.Finding {
	if !deprecation.IsDeprecated(object, now.Major, now.Minor) {
		return nil
	}
	return []finding.Finding{{
		Rule: finding.Deprecated, Severity: finding.Warning, Pointer: "/apiVersion", Field: "apiVersion",
		Message: deprecation.WarningMessage(object),
	}}
}

// Unserved says why a kind of a built-in group cannot be applied.
func (t *Table) Unserved(gvk schema.GroupVersionKind, now Release) finding.Finding {
	f := finding.Finding{Rule: finding.NotServed, Severity: finding.Error, Pointer: "/apiVersion", Field: "apiVersion", Type: "FieldValueNotSupported"}
	name := gvk.GroupVersion().String() + " " + gvk.Kind
	scheme, known := t.Registered(gvk)
	if !known {
		f.Rule, f.Pointer, f.Field = finding.UnknownKind, "/kind", "kind"
		f.Message = fmt.Sprintf("no kind %q in version %q of Kubernetes %s%s", gvk.Kind, gvk.GroupVersion(), now, t.elsewhere(gvk))
		return f
	}
	object, err := scheme.New(gvk)
	if err != nil {
		f.Message = fmt.Sprintf("%s is not served by Kubernetes %s", name, now)
		return f
	}
	if removed := deprecation.RemovedRelease(object); removed != "" {
		f.Message = fmt.Sprintf("%s is not served by Kubernetes %s: removed in %s", name, now, removed)
	} else if t.servesVersion(gvk.GroupVersion()) {
		f.Rule, f.Pointer, f.Field = finding.NotStored, "/kind", "kind"
		f.Message = fmt.Sprintf("%s is not a kind of object that the server stores", name)
	} else {
		f.Message = fmt.Sprintf("%s is not served by Kubernetes %s unless its version is switched on", name, now)
	}
	if r, ok := object.(replaced); ok {
		f.Message += fmt.Sprintf("; use %s %s", r.APILifecycleReplacement().GroupVersion(), r.APILifecycleReplacement().Kind)
	} else {
		f.Message += t.elsewhere(gvk)
	}
	return f
}

// elsewhere names the served version of a kind of the same name.
func (t *Table) elsewhere(gvk schema.GroupVersionKind) string {
	var served []string
	for gk, kind := range t.kinds {
		if gk.Kind == gvk.Kind && kind.Unstored == "" {
			for _, version := range kind.Versions {
				served = append(served, gk.WithVersion(version).GroupVersion().String()+" "+gk.Kind)
			}
		}
	}
	if len(served) == 0 {
		return ""
	}
	slices.Sort(served)
	return "; use " + served[len(served)-1]
}

func (t *Table) servesVersion(gv schema.GroupVersion) bool {
	for gk, kind := range t.kinds {
		if gk.Group == gv.Group && kind.Serves(gv.Version) {
			return true
		}
	}
	return false
}
