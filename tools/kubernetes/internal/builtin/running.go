package builtin

import (
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/batch"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/networking"

	"aurora.example/tools/kubernetes/internal/request"
)

// Names that a cluster would make up; their values carry no meaning.
const (
	someVolume = "pvc-" + string(request.PlaceholderUID)
	someNode   = "node-1"
	someClass  = "standard"
	someHost   = "203.0.113.10"
)

// run gives a stored object the fields that controllers set once it works: validation of an update reads them.
func run(object runtime.Object) {
	switch o := object.(type) {
	case *api.PersistentVolumeClaim:
		runClaim(o)
	case *api.PersistentVolume:
		o.Status.Phase = api.VolumeAvailable
		if o.Spec.ClaimRef != nil {
			o.Status.Phase = api.VolumeBound
		}
	case *api.Pod:
		o.Status.Phase = api.PodRunning
		if o.Spec.NodeName == "" {
			o.Spec.NodeName = someNode
		}
	case *api.Service:
		runService(o)
	case *api.Namespace:
		o.Status.Phase = api.NamespaceActive
	case *batch.Job:
		runJob(o)
	case *apiextensions.CustomResourceDefinition:
		runDefinition(o)
	case *networking.Ingress:
		o.Status.LoadBalancer.Ingress = []networking.IngressLoadBalancerIngress{{IP: someHost}}
	}
}

// runClaim binds the claim: a bound claim may only grow.
func runClaim(claim *api.PersistentVolumeClaim) {
	claim.Status.Phase = api.ClaimBound
	claim.Status.AccessModes = claim.Spec.AccessModes
	claim.Status.CurrentVolumeAttributesClassName = claim.Spec.VolumeAttributesClassName
	claim.Status.Capacity = claim.Spec.Resources.Requests.DeepCopy()
	if claim.Spec.VolumeName == "" {
		claim.Spec.VolumeName = someVolume
	}
	if claim.Spec.StorageClassName == nil {
		class := someClass
		claim.Spec.StorageClassName = &class
	}
}

func runService(service *api.Service) {
	if service.Spec.Type == api.ServiceTypeLoadBalancer {
		service.Status.LoadBalancer.Ingress = []api.LoadBalancerIngress{{IP: someHost}}
	}
}

// runJob starts the job unless it is suspended: the template of a started job is immutable.
func runJob(job *batch.Job) {
	if job.Spec.Suspend != nil && *job.Spec.Suspend {
		job.Status.Conditions = append(job.Status.Conditions, batch.JobCondition{
			Type: batch.JobSuspended, Status: api.ConditionTrue, LastTransitionTime: metav1.Now(), Reason: "JobSuspended",
		})
		return
	}
	now := metav1.Now()
	ready := int32(1)
	job.Status.StartTime, job.Status.Active, job.Status.Ready = &now, 1, &ready
}

// runDefinition establishes the definition: only then does its scope become immutable.
func runDefinition(crd *apiextensions.CustomResourceDefinition) {
	crd.Status.AcceptedNames = crd.Spec.Names
	for _, condition := range []apiextensions.CustomResourceDefinitionConditionType{apiextensions.NamesAccepted, apiextensions.Established} {
		crd.Status.Conditions = append(crd.Status.Conditions, apiextensions.CustomResourceDefinitionCondition{
			Type: condition, Status: apiextensions.ConditionTrue,
		})
	}
}
