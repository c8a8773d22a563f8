// Package request builds what strategies read besides the object: who asks, for what, and the metadata of a new object.
package request

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/authentication/user"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
)

// PlaceholderUID stands for the uid that a cluster would draw at random, so that two runs say the same.
const PlaceholderUID types.UID = "00000000-0000-4000-8000-000000000000"

// Administrator is the user on whose behalf objects are judged: members of this group pass every
// authorization inside strategies (pkg/registry/rbac, EscalationAllowed).
var Administrator = &user.DefaultInfo{Name: "kubernetes-admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}}

// Target is what the server reads from the URL of a request.
type Target struct {
	Group, Version, Resource string
	Verb                     string
	Namespace, Name          string
}

// Context builds the request context that strategies read.
func Context(ctx context.Context, target Target, recorder warning.Recorder) context.Context {
	ctx = apirequest.WithNamespace(ctx, target.Namespace)
	ctx = apirequest.WithUser(ctx, Administrator)
	ctx = apirequest.WithRequestInfo(ctx, &apirequest.RequestInfo{
		IsResourceRequest: true, Verb: target.Verb, APIPrefix: "apis",
		APIGroup: target.Group, APIVersion: target.Version, Resource: target.Resource,
		Namespace: target.Namespace, Name: target.Name,
	})
	return warning.WithWarningRecorder(ctx, recorder)
}

// generated is what the server would append to a generateName; the real letters are random.
const generated = "00000"

// longestGenerateName is where the server cuts a generateName (apiserver's storage/names).
const longestGenerateName = 58

// FillMetadata does what the registry does before the strategy sees a new object.
func FillMetadata(object metav1.Object) {
	rest.FillObjectMetaSystemFields(object)
	object.SetUID(PlaceholderUID)
	if base := object.GetGenerateName(); base != "" && object.GetName() == "" {
		object.SetName(base[:min(len(base), longestGenerateName)] + generated)
	}
}

// Namespace is the namespace that the server would read from the URL.
func Namespace(object metav1.Object, namespaced bool) string {
	if !namespaced {
		return metav1.NamespaceNone
	}
	if object.GetNamespace() == "" {
		return metav1.NamespaceDefault
	}
	return object.GetNamespace()
}

// Accessor is meta.Accessor for objects that are known to have metadata.
func Accessor(object any) metav1.Object {
	access, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	return access
}
