package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"aurora.example/tools/kubernetes/internal/admission"
	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/podsecurity"
	"aurora.example/tools/kubernetes/internal/stored"
	"aurora.example/tools/protocol"
)

func (s *Session) judge(ctx context.Context, body json.RawMessage) (any, error) {
	var j Judge
	if err := protocol.Decode(body, &j); err != nil {
		return nil, err
	}
	document, err := j.document()
	if err != nil {
		return nil, err
	}
	var old *manifest.Document
	if j.Old != nil {
		if old, err = j.Old.document(); err != nil {
			return nil, err
		}
	}
	want, err := j.want()
	if err != nil {
		return nil, err
	}
	known := s.current.Load()
	c, err := known.create(ctx, document)
	if err != nil {
		return nil, err
	}
	task := &task{known: known, document: document, old: old, created: c}
	for _, part := range want {
		task.part(ctx, part)
	}
	return task.verdict(), nil
}

// want checks the parts that a client asks for.
func (j *Judge) want() ([]Part, error) {
	if len(j.Want) == 0 {
		parts := []Part{Create, Drift, PodSecurity, AdmissionPolicies}
		if j.Old != nil {
			parts = append(parts, Update)
		}
		return parts, nil
	}
	for _, part := range j.Want {
		if !slices.Contains([]Part{Create, Update, Drift, Stored, PodSecurity, AdmissionPolicies, LimitRanges}, part) {
			return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: fmt.Sprintf("unknown part `%s` in `want`", part)}
		}
	}
	if slices.Contains(j.Want, Update) && j.Old == nil {
		return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: "`update` needs `old`"}
	}
	return j.Want, nil
}

// task gathers the answer to one judge request.
type task struct {
	known         *state
	document, old *manifest.Document
	created       *created
	judged        []Part
	not           []NotJudged
	findings      []finding.Finding
	level         *podsecurity.NamespaceLevel
	tree          map[string]any
	assigned      []string
	// updates means that the server accepts the object as a change of the old one.
	updates bool
}

func (t *task) part(ctx context.Context, part Part) {
	if part == Create {
		t.findings = append(t.findings, t.created.findings...)
		if t.document.Name == "" && t.document.GenerateName != "" {
			t.findings = append(t.findings, generateName())
		}
		for _, why := range t.created.gaps {
			t.not = append(t.not, NotJudged{Part: part, Why: why})
		}
		t.judged = append(t.judged, part)
		return
	}
	if !t.created.usable && part != Update {
		t.not = append(t.not, NotJudged{Part: part, Why: "the server refuses the object before"})
		return
	}
	switch part {
	case Update:
		t.update(ctx)
	case Drift:
		t.drift()
	case Stored:
		t.tree, t.assigned = stored.Clean(t.created.stored(), t.document.Tree())
		t.judged = append(t.judged, part)
	case PodSecurity:
		t.podSecurity()
	case AdmissionPolicies:
		t.admission(ctx)
	case LimitRanges:
		t.limitRanges(ctx)
	}
}

// levels says which Pod Security labels of a Namespace the admission plugin refuses.
func levels(document *manifest.Document) []finding.Finding {
	if document.GVK.Group != "" || document.GVK.Kind != "Namespace" {
		return nil
	}
	return podsecurity.JudgeLabels((&unstructured.Unstructured{Object: document.Tree()}).GetLabels())
}

// generateName is accepted by the server, yet each apply would make another object.
func generateName() finding.Finding {
	return finding.Finding{
		Rule: finding.GenerateName, Severity: finding.Warning, Pointer: "/metadata/generateName", Field: "metadata.generateName",
		Message: "the server draws the name at random, so that every sync makes another object; set metadata.name",
	}
}

// drift takes the short way first: nearly every object of a built-in kind is stored as it was sent.
func (t *task) drift() {
	if t.created.asSent() {
		t.judged = append(t.judged, Drift)
		return
	}
	emitted, err := t.created.emitted()
	if err != nil {
		t.not = append(t.not, NotJudged{Part: Drift, Why: err.Error()})
		return
	}
	t.judged = append(t.judged, Drift)
	if t.created.versioned == nil {
		form := t.known.definitions.Shape(t.document.GVK)
		t.findings = append(t.findings, stored.Filled(emitted, t.created.stored(), form)...)
	}
	unknown := map[string]bool{}
	for _, f := range t.created.findings {
		if f.Rule == finding.UnknownField {
			unknown[f.Pointer] = true
		}
	}
	for _, d := range stored.Drift(emitted, t.created.stored()) {
		if !unknown[d.Pointer] {
			t.findings = append(t.findings, d)
		}
	}
}

func (t *task) podSecurity() {
	gk := t.document.GVK.GroupKind()
	t.findings = append(t.findings, levels(t.document)...)
	if t.known.kinds.Empty() {
		t.not = append(t.not, NotJudged{Part: PodSecurity, Why: "no `pods` were configured: nothing says where pods stand"})
		return
	}
	t.judged = append(t.judged, PodSecurity)
	if !t.known.kinds.HasPods(gk) {
		return
	}
	pods, typed := t.known.kinds.TypedPods(gk, t.created.versioned)
	if !typed {
		pods = t.known.kinds.Pods(gk, t.created.stored())
	}
	if t.created.subject.Namespace == "" {
		if len(pods) > 0 {
			t.not = append(t.not, NotJudged{Part: PodSecurity, Why: "the pods run in the namespaces of those who use the object"})
		}
		return
	}
	resource := t.document.GVK.Kind + "/" + t.document.Name
	level, found, unread := t.known.namespaces.Judge(t.known.pods, resource, t.created.subject.Namespace, pods)
	t.level = &level
	t.findings = append(t.findings, found...)
	for _, why := range unread {
		t.not = append(t.not, NotJudged{Part: PodSecurity, Why: why})
	}
}

func (t *task) admission(ctx context.Context) {
	if policies, bindings, _ := t.known.policies.Count(); policies+bindings > 0 && finding.Refused(t.created.findings) {
		t.not = append(t.not, NotJudged{Part: AdmissionPolicies, Why: "the server refuses the object before"})
		return
	}
	found, not := t.known.policies.Judge(ctx, t.created.subject, t.known.namespaces.Labels)
	ofPods, notOfPods := t.admissionOfPods(ctx)
	for _, each := range notOfPods {
		if !slices.Contains(not, each) {
			not = append(not, each)
		}
	}
	t.judged = append(t.judged, AdmissionPolicies)
	t.findings = append(t.findings, append(found, ofPods...)...)
	t.not = append(t.not, notJudged(AdmissionPolicies, not)...)
}

// admissionOfPods judges the pods that controllers make of the object.
func (t *task) admissionOfPods(ctx context.Context) (found []finding.Finding, not []admission.NotJudged) {
	of, gk := t.created.subject, t.document.GVK.GroupKind()
	if policies, bindings, _ := t.known.policies.Count(); policies*bindings == 0 || of.Namespace == "" || !t.known.kinds.HasPods(gk) {
		return nil, nil
	}
	pods, unknown := t.known.kinds.Made(gk, t.created.versioned, t.created.stored())
	for _, pod := range pods {
		request, err := t.known.ranges.Merged(pod.Request(of.Kind, of.Namespace, of.Name))
		if err != nil {
			not = append(not, t.known.policies.OfPods(err.Error())...)
			continue
		}
		findings, why := t.known.policies.Judge(ctx, admission.Subject{
			Object: request, Kind: corev1.SchemeGroupVersion.WithKind("Pod"), Resource: corev1.SchemeGroupVersion.WithResource("pods"),
			Namespace: of.Namespace, Name: request.Name, Scheme: builtin.ArgoKnows,
		}, t.known.namespaces.Labels)
		for _, each := range findings {
			each.Pointer, each.Message = pod.Pointer, "of its pods: "+each.Message
			found = append(found, each)
		}
		not = append(not, why...)
	}
	if unknown {
		not = append(not, t.known.policies.OfPods("its controller adds to its pods what is not in the manifest")...)
	}
	return found, not
}

func (t *task) verdict() *Verdict {
	if t.updates {
		ratchet(t.findings)
	}
	v := &Verdict{
		Judged: t.judged, NotJudged: t.not, Findings: finding.Sort(t.findings), Stored: t.tree, Assigned: t.assigned,
		Level: t.level,
		Resource: Resource{
			APIVersion: t.document.GVK.GroupVersion().String(), Kind: t.document.GVK.Kind,
			Namespace: t.document.Namespace, Name: t.document.Name,
		},
	}
	if v.Findings == nil {
		v.Findings = []finding.Finding{}
	}
	if v.Judged == nil {
		v.Judged = []Part{}
	}
	return v
}
