package verdict

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"aurora.example/tools/protocol"
)

// place finds out where the object lies; Kyverno would match a namespace that it does not know by its name alone.
func (s *Session) place(subject *subject, fallback string) error {
	object := subject.object
	if !subject.resource.Namespaced {
		object.SetNamespace("")
		nameOwnNamespace(subject)
		return nil
	}
	namespace := object.GetNamespace()
	switch {
	case namespace == "":
		namespace = fallback
	case fallback != "" && fallback != namespace:
		message := fmt.Sprintf("the object lies in namespace `%s`, not in `%s`", namespace, fallback)
		return &protocol.Problem{Reason: protocol.ReasonMalformed, Message: message}
	}
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	if s.namespaces[namespace] == nil {
		message := fmt.Sprintf("namespace `%s` was not described, so that selectors of its labels cannot be judged", namespace)
		return &protocol.Problem{Reason: ReasonUnknownNamespace, Message: message}
	}
	object.SetNamespace(namespace)
	subject.namespace = namespace
	return nil
}

// nameOwnNamespace adds the label that the API server gives a Namespace before admission.
func nameOwnNamespace(subject *subject) {
	if subject.resource.Group != "" || subject.resource.Plural != "namespaces" {
		return
	}
	labels := subject.object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[corev1.LabelMetadataName] = subject.object.GetName()
	subject.object.SetLabels(labels)
}

// operate decides which of the two objects of an admission request there are.
func (s *subject) operate(j Judge) error {
	if len(j.OldObject) > 0 && j.Operation != Update {
		return &protocol.Problem{Reason: protocol.ReasonMalformed, Message: "`oldObject` belongs to an update"}
	}
	switch j.Operation {
	case "", Create:
		s.operation = Create
	case Update:
		return s.update(j)
	case Delete:
		s.object, s.old = nil, s.object
	default:
		message := fmt.Sprintf("`operation` is `%s`, not one of CREATE, UPDATE and DELETE", j.Operation)
		return &protocol.Problem{Reason: protocol.ReasonMalformed, Message: message}
	}
	return nil
}

func (s *subject) update(j Judge) error {
	s.old = s.object.DeepCopy()
	if len(j.OldObject) == 0 {
		return nil
	}
	old, err := readObject("oldObject", j.OldObject)
	if err != nil {
		return err
	}
	if old.GroupVersionKind() != s.object.GroupVersionKind() || old.GetName() != s.object.GetName() {
		return &protocol.Problem{Reason: protocol.ReasonMalformed, Message: "`oldObject` is another object than `object`"}
	}
	old.SetNamespace(s.object.GetNamespace())
	s.old = old
	return nil
}

// mapFields are those that Kyverno's CLI takes for empty where they are null.
var mapFields = map[string]bool{
	"annotations": true, "labels": true, "matchLabels": true, "nodeSelector": true, "data": true, "stringData": true,
}

// normalize empties null maps in place, as Kyverno's CLI does when it reads an object.
func normalize(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, entry := range value {
			if entry == nil && mapFields[key] {
				value[key] = map[string]any{}
				continue
			}
			normalize(entry)
		}
	case []any:
		for _, entry := range value {
			normalize(entry)
		}
	}
}
