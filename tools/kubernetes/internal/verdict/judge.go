package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"aurora.example/tools/kubernetes/internal/admission"
	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/podsecurity"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/stored"
	"aurora.example/tools/protocol"
)

// created is an object after the create path, whatever its kind.
type created struct {
	// usable is false when the server refuses the object before it looks at its fields.
	usable bool
	// versioned is what would be stored, in the version of the manifest; nil for custom kinds.
	versioned runtime.Object
	// decoded is the manifest in the type that Argo CD reads it with; nil for kinds that it reads as JSON.
	decoded runtime.Object
	// content is what would be stored, as nested maps; for built-in kinds it is made on demand.
	content map[string]any
	// emitted makes what Argo CD would compare with the stored object.
	emitted  func() (map[string]any, error)
	findings []finding.Finding
	subject  admission.Subject
}

// stored returns what the server would store.
func (c *created) stored() map[string]any {
	if c.content == nil && c.versioned != nil {
		tree, err := builtin.Tree(c.versioned)
		if err != nil {
			panic(err)
		}
		c.content = tree
	}
	return c.content
}

// asSent reports whether every field that the manifest sets is stored with the value that it sets.
func (c *created) asSent() bool {
	if c.decoded == nil {
		return false
	}
	return stored.Keeps(c.decoded, c.versioned)
}

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
	c, err := s.create(ctx, document)
	if err != nil {
		return nil, err
	}
	task := &task{session: s, id: protocol.ID(ctx), document: document, old: old, created: c}
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
		if !slices.Contains([]Part{Create, Update, Drift, Stored, PodSecurity, AdmissionPolicies}, part) {
			return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: fmt.Sprintf("unknown part `%s` in `want`", part)}
		}
	}
	if slices.Contains(j.Want, Update) && j.Old == nil {
		return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: "`update` needs `old`"}
	}
	return j.Want, nil
}

// create runs the create path of the object's kind.
func (s *Session) create(ctx context.Context, document *manifest.Document) (*created, error) {
	kind, ok := s.table.Find(document.GVK.GroupKind())
	switch {
	case ok && kind.Unstored != "":
		return &created{findings: []finding.Finding{{
			Rule: finding.NotStored, Severity: finding.Error, Pointer: "/kind", Field: "kind",
			Message: fmt.Sprintf("%s: %s", document.GVK.Kind, kind.Unstored),
		}}}, nil
	case ok && kind.Serves(document.GVK.Version):
		return s.createBuiltin(ctx, kind, document), nil
	case s.table.OwnsGroup(document.GVK.Group):
		return &created{findings: []finding.Finding{s.table.Unserved(document.GVK, Linked)}}, nil
	}
	return s.createCustom(ctx, document)
}

func (s *Session) createBuiltin(ctx context.Context, kind *builtin.Kind, document *manifest.Document) *created {
	object, usable := kind.Decode(document)
	c := &created{}
	if usable {
		kind.Create(ctx, object, document.Tree())
		c.findings = builtin.Deprecated(object.Defaulted, Linked)
		var err error
		if c.versioned, err = kind.Versioned(object.Internal, object.GVK); err != nil {
			object.Findings = append(object.Findings, finding.FromError(finding.CreateRefused, err, nil)...)
		}
		c.usable = err == nil
		c.emitted = func() (map[string]any, error) { return document.Tree(), nil }
		if kind.Scheme == builtin.ArgoKnows {
			c.decoded = object.Decoded
			c.emitted = func() (map[string]any, error) { return builtin.Tree(object.Decoded) }
		}
		c.subject = admission.Subject{
			Object: object.Internal, Kind: document.GVK, Resource: kind.GVR(document.GVK.Version),
			Namespace: object.Namespace, Name: document.Name, Scheme: kind.Scheme,
		}
	}
	c.findings = append(c.findings, document.Duplicates...)
	c.findings = append(c.findings, object.Findings...)
	return c
}

func (s *Session) createCustom(ctx context.Context, document *manifest.Document) (*created, error) {
	object, err := s.definitions.Create(ctx, document)
	if err != nil {
		return nil, problem(err, document.GVK)
	}
	c := &created{findings: append(document.Duplicates[:len(document.Duplicates):len(document.Duplicates)], object.Findings...)}
	if object.Content == nil {
		return c, nil
	}
	c.usable, c.content = true, object.Content.Object
	c.emitted = func() (map[string]any, error) { return document.Tree(), nil }
	c.subject = admission.Subject{
		Object: object.Content, Kind: document.GVK, Resource: object.Resource,
		Namespace: object.Namespace, Name: document.Name, Scheme: builtin.ArgoKnows,
	}
	return c, nil
}

// task gathers the answer to one judge request.
type task struct {
	session       *Session
	id            string
	document, old *manifest.Document
	created       *created
	judged        []Part
	not           []NotJudged
	findings      []finding.Finding
	tree          map[string]any
	assigned      []string
}

func (t *task) part(ctx context.Context, part Part) {
	if part == Create {
		t.findings = append(t.findings, t.created.findings...)
		if t.document.Name == "" && t.document.GenerateName != "" {
			t.findings = append(t.findings, generateName())
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
	}
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
	if gk.Group == "" && gk.Kind == "Namespace" {
		t.findings = append(t.findings, podsecurity.JudgeLabels(request.Accessor(t.created.versioned).GetLabels())...)
	}
	t.judged = append(t.judged, PodSecurity)
	if !podsecurity.HasTemplates(gk) {
		return
	}
	pods, typed := podsecurity.TypedPods(gk, t.created.versioned)
	if !typed {
		pods = podsecurity.Pods(gk, t.created.stored())
	}
	if t.created.subject.Namespace == "" {
		if len(pods) > 0 {
			t.not = append(t.not, NotJudged{Part: PodSecurity, Why: "the pods run in the namespaces of those who use the object"})
		}
		return
	}
	found, unread := t.session.namespaces.Judge(t.session.pods, podsecurity.Subject{
		ID: t.id, Resource: t.document.GVK.Kind + "/" + t.document.Name, Namespace: t.created.subject.Namespace,
	}, pods)
	t.findings = append(t.findings, found...)
	for _, why := range unread {
		t.not = append(t.not, NotJudged{Part: PodSecurity, Why: why})
	}
}

func (t *task) admission(ctx context.Context) {
	if policies, bindings, _ := t.session.policies.Count(); policies+bindings > 0 && refusals(t.created.findings) > 0 {
		t.not = append(t.not, NotJudged{Part: AdmissionPolicies, Why: "the server refuses the object before"})
		return
	}
	found, not := t.session.policies.Judge(ctx, t.created.subject, t.session.namespaces.Labels)
	t.judged = append(t.judged, AdmissionPolicies)
	t.findings = append(t.findings, found...)
	t.not = append(t.not, notJudged(AdmissionPolicies, not)...)
}

func (t *task) verdict() *Verdict {
	v := &Verdict{
		Judged: t.judged, NotJudged: t.not, Findings: t.findings, Stored: t.tree, Assigned: t.assigned,
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
