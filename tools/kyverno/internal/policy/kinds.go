package policy

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	group          = "policies.kyverno.io"
	judgedKind     = "ValidatingPolicy"
	exceptionKind  = "PolicyException"
	kubernetesMode = "Kubernetes"
	clusterGroup   = "kyverno.io"
	clusterKind    = "ClusterPolicy"
)

// versions are those that Kyverno converts to the one that it evaluates.
var versions = []string{"v1", "v1beta1", "v1alpha1"}

// elsewhere says for kinds of policies why this engine does not evaluate them.
var elsewhere = map[schema.GroupKind]string{
	{Group: group, Kind: "NamespacedValidatingPolicy"}:      "judges one namespace only",
	{Group: group, Kind: "ImageValidatingPolicy"}:           "verifies images, which needs their registries",
	{Group: group, Kind: "NamespacedImageValidatingPolicy"}: "verifies images, which needs their registries",
	{Group: group, Kind: "MutatingPolicy"}:                  "changes objects and judges none",
	{Group: group, Kind: "NamespacedMutatingPolicy"}:        "changes objects and judges none",
	{Group: group, Kind: "GeneratingPolicy"}:                "generates objects and judges none",
	{Group: group, Kind: "NamespacedGeneratingPolicy"}:      "generates objects and judges none",
	{Group: group, Kind: "DeletingPolicy"}:                  "deletes objects and judges none",
	{Group: group, Kind: "NamespacedDeletingPolicy"}:        "deletes objects and judges none",
	{Group: group, Kind: exceptionKind}:                     "is an exception; hand it over in `exceptions`",
	{Group: clusterGroup, Kind: "Policy"}:                   "judges one namespace only",
	{Group: clusterGroup, Kind: "CleanupPolicy"}:            "deletes objects and judges none",
	{Group: clusterGroup, Kind: "ClusterCleanupPolicy"}:     "deletes objects and judges none",
	{Group: clusterGroup, Kind: exceptionKind}:              "exempts from a ClusterPolicy, from which exceptions are not applied",

	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}: "is evaluated by the API server's own code, not by Kyverno",
	{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicy"}:   "changes objects and judges none",
}

// supported refuses every kind but one.
func supported(gvk schema.GroupVersionKind, kind string) *Refusal {
	if gvk.Kind == kind && (gvk.Group == group || kind == clusterKind && gvk.Group == clusterGroup) {
		if slices.Contains(versions, gvk.Version) && gvk.Group == group || gvk.Version == "v1" {
			return nil
		}
		return refuse(UnsupportedKind, "`%s` has no version `%s`", gvk.GroupKind(), gvk.Version)
	}
	if why, known := elsewhere[gvk.GroupKind()]; known {
		return refuse(UnsupportedKind, "`%s` %s", gvk.Kind, why)
	}
	return refuse(UnsupportedKind, "`%s` of `%s` is not known here", gvk.Kind, gvk.GroupVersion())
}
