package verdict

import (
	"context"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// limitRanges judges the pods and the claims of the object by the LimitRanges of its namespace.
func (t *task) limitRanges(ctx context.Context) {
	t.judged = append(t.judged, LimitRanges)
	of, gk := t.created.subject, t.document.GVK.GroupKind()
	if len(t.known.ranges[of.Namespace]) == 0 {
		return
	}
	t.claims()
	if !t.known.kinds.HasPods(gk) {
		return
	}
	pods, typed := t.known.kinds.TypedPods(gk, t.created.versioned)
	if !typed {
		pods = t.known.kinds.Pods(gk, t.created.stored())
	}
	for i := range pods {
		t.limited(t.limitsOf(ctx, &pods[i]))
	}
}

func (t *task) limitsOf(ctx context.Context, pod *podsecurity.Pod) ([]finding.Finding, error) {
	if err := pod.Asks(); err != nil {
		return nil, err
	}
	of := t.created.subject
	return t.known.ranges.Judge(ctx, pod, pod.Request(of.Kind, of.Namespace, of.Name), t.known.table.ValidatePod)
}

func (t *task) claims() {
	of := t.created.subject
	for _, at := range t.known.claims[t.document.GVK.GroupKind()] {
		for _, match := range podsecurity.Matches(t.created.stored(), at) {
			if spec, ok := match.Value.(map[string]any); ok {
				t.limited(t.known.ranges.Claim(of.Namespace, match.Pointer, spec))
			}
		}
	}
}

func (t *task) limited(found []finding.Finding, err error) {
	t.findings = append(t.findings, found...)
	if err != nil {
		t.not = append(t.not, NotJudged{Part: LimitRanges, Why: err.Error()})
	}
}
