package builtin

import (
	"k8s.io/apimachinery/pkg/runtime"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/resolver"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/event"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/resource/resourceslice"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"

	"aurora.example/tools/kubernetes/internal/linked"
)

// coreKinds follows pkg/registry/core/rest/storage_core.go.
func coreKinds(beginService func(runtime.Object) Hooks) []Kind {
	services := row("", "Service", "services", v1, service.Strategy)
	services.Begin = beginService
	return []Kind{
		row("", "ConfigMap", "configmaps", v1, configmap.Strategy),
		row("", "Endpoints", "endpoints", v1, endpoint.Strategy),
		row("", "Event", "events", v1, event.Strategy),
		row("events.k8s.io", "Event", "events", v1, event.Strategy),
		row("", "LimitRange", "limitranges", v1, limitrange.Strategy),
		row("", "Namespace", "namespaces", v1, namespace.Strategy),
		row("", "Node", "nodes", v1, node.Strategy),
		row("", "PersistentVolume", "persistentvolumes", v1, persistentvolume.Strategy),
		row("", "PersistentVolumeClaim", "persistentvolumeclaims", v1, persistentvolumeclaim.Strategy),
		row("", "Pod", "pods", v1, pod.Strategy),
		row("", "PodTemplate", "podtemplates", v1, podtemplate.Strategy),
		row("", "ReplicationController", "replicationcontrollers", v1, replicationcontroller.Strategy),
		row("", "ResourceQuota", "resourcequotas", v1, resourcequota.Strategy),
		row("", "Secret", "secrets", v1, secret.Strategy),
		row("", "ServiceAccount", "serviceaccounts", v1, serviceaccount.Strategy),
		services,
	}
}

func workloadKinds() []Kind {
	return []Kind{
		row("apps", "ControllerRevision", "controllerrevisions", v1, controllerrevision.Strategy),
		row("apps", "DaemonSet", "daemonsets", v1, daemonset.Strategy),
		row("apps", "Deployment", "deployments", v1, deployment.Strategy),
		row("apps", "ReplicaSet", "replicasets", v1, replicaset.Strategy),
		row("apps", "StatefulSet", "statefulsets", v1, statefulset.Strategy),
		row("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", []string{"v1", "v2"}, horizontalpodautoscaler.Strategy),
		row("batch", "CronJob", "cronjobs", v1, cronjob.Strategy),
		row("batch", "Job", "jobs", v1, job.Strategy),
		row("coordination.k8s.io", "Lease", "leases", v1, lease.Strategy),
		row("node.k8s.io", "RuntimeClass", "runtimeclasses", v1, runtimeclass.Strategy),
		row("scheduling.k8s.io", "PriorityClass", "priorityclasses", v1, priorityclass.Strategy),
	}
}

func networkKinds() []Kind {
	return []Kind{
		row("discovery.k8s.io", "EndpointSlice", "endpointslices", v1, endpointslice.Strategy),
		row("networking.k8s.io", "Ingress", "ingresses", v1, ingress.Strategy),
		row("networking.k8s.io", "IngressClass", "ingressclasses", v1, ingressclass.Strategy),
		row("networking.k8s.io", "IPAddress", "ipaddresses", v1, ipaddress.Strategy),
		row("networking.k8s.io", "NetworkPolicy", "networkpolicies", v1, networkpolicy.Strategy),
		row("networking.k8s.io", "ServiceCIDR", "servicecidrs", v1, servicecidr.Strategy),
	}
}

// policyKinds leaves the authorizer out: what a user may grant is the cluster's business, and the judged
// request comes from a cluster administrator.
func policyKinds() []Kind {
	const admission = "admissionregistration.k8s.io"
	return []Kind{
		row(admission, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", v1, mutatingwebhookconfiguration.Strategy),
		row(admission, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", v1, validatingwebhookconfiguration.Strategy),
		row(admission, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", v1, validatingadmissionpolicy.NewStrategy(nil, nil)),
		row(admission, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", v1, validatingadmissionpolicybinding.NewStrategy(nil, nil, resolver.ResourceResolverFunc(nil))),
		row("certificates.k8s.io", "CertificateSigningRequest", "certificatesigningrequests", v1, certificates.Strategy),
		row("flowcontrol.apiserver.k8s.io", "FlowSchema", "flowschemas", v1, flowschema.Strategy),
		row("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", "prioritylevelconfigurations", v1, prioritylevelconfiguration.Strategy),
		row("policy", "PodDisruptionBudget", "poddisruptionbudgets", v1, poddisruptionbudget.Strategy),
		row("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", v1, clusterrole.Strategy),
		row("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", v1, clusterrolebinding.Strategy),
		row("rbac.authorization.k8s.io", "Role", "roles", v1, role.Strategy),
		row("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", v1, rolebinding.Strategy),
	}
}

func storageKinds(namespaces corev1client.NamespaceInterface) []Kind {
	return []Kind{
		row("resource.k8s.io", "DeviceClass", "deviceclasses", v1, deviceclass.Strategy),
		row("resource.k8s.io", "ResourceClaim", "resourceclaims", v1, linked.ResourceClaims(namespaces)),
		row("resource.k8s.io", "ResourceClaimTemplate", "resourceclaimtemplates", v1, resourceclaimtemplate.NewStrategy(namespaces)),
		row("resource.k8s.io", "ResourceSlice", "resourceslices", v1, resourceslice.Strategy),
		row("storage.k8s.io", "CSIDriver", "csidrivers", v1, csidriver.Strategy),
		row("storage.k8s.io", "CSINode", "csinodes", v1, csinode.Strategy),
		row("storage.k8s.io", "CSIStorageCapacity", "csistoragecapacities", v1, csistoragecapacity.Strategy),
		row("storage.k8s.io", "StorageClass", "storageclasses", v1, storageclass.Strategy),
		row("storage.k8s.io", "VolumeAttachment", "volumeattachments", v1, volumeattachment.Strategy),
		row("storage.k8s.io", "VolumeAttributesClass", "volumeattributesclasses", v1, volumeattributesclass.Strategy),
	}
}
