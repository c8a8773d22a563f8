package rehearsal

import (
	"slices"
	"strings"

	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
)

// changeSuites makes a change of every object that two neighbouring environments both have: the widest changes that a
// repository holds.
func changeSuites(environments []suite) []suite {
	var suites []suite
	for i := 1; i < len(environments); i++ {
		suites = append(suites, changes(environments[i-1], environments[i]))
	}
	return slices.DeleteFunc(suites, func(s suite) bool { return len(s.subjects) == 0 })
}

// changes leaves definitions out: they are what the others are made of, and stay while the suite runs.
func changes(before, after suite) suite {
	old := map[identity][]byte{}
	for _, subject := range before.subjects {
		old[identify(subject)] = subject.Manifest
	}
	s := suite{name: before.name + " to " + after.name, configure: after.configure}
	for _, subject := range after.subjects {
		id := identify(subject)
		was, known := old[id]
		if !known || id.kind == definitionKind {
			continue
		}
		_, path, _ := strings.Cut(subject.ID, "/")
		s.subjects = append(s.subjects, trial.Subject{ID: s.name + "/" + path, Manifest: subject.Manifest, Old: was})
	}
	return s
}

// identity tells objects apart, whatever version they are written in.
type identity struct{ group, kind, namespace, name string }

func identify(subject trial.Subject) identity {
	o := look(subject.Manifest)
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		group = ""
	}
	return identity{group, o.Kind, o.Metadata.Namespace, o.Metadata.Name}
}
