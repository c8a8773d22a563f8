package verdict

import (
	"runtime/debug"

	"github.com/kyverno/kyverno/pkg/cel/libs"
	"github.com/kyverno/kyverno/pkg/cel/matching"
	vpolengine "github.com/kyverno/kyverno/pkg/cel/policies/vpol/engine"
	corev1 "k8s.io/api/core/v1"

	"aurora.example/tools/kyverno/internal/kind"
	"aurora.example/tools/kyverno/internal/policy"
	"aurora.example/tools/protocol"
)

// Name of the program in the protocol's first line.
const Name = "policy-engine"

// kyvernoModule is the module whose code judges.
const kyvernoModule = "github.com/kyverno/kyverno"

// Session is one run of the program. `configure` changes it while nothing is judged; judging only reads it.
type Session struct {
	table      *kind.Table
	loader     *policy.Loader
	matcher    matching.Matcher
	sources    sources
	policies   []*policy.Policy
	exceptions []*policy.Exception
	refused    []*policy.Refusal
	variants   []policy.Variant
	engine     vpolengine.Engine
	rules      *rules
	context    libs.Context
	namespaces map[string]*corev1.Namespace
	limit      protocol.Limit
}

// NewSession starts a run that knows the built-in kinds and no policy.
func NewSession() (*Session, error) {
	table, err := kind.NewTable()
	if err != nil {
		return nil, err
	}
	loader, err := policy.NewLoader()
	if err != nil {
		return nil, err
	}
	return &Session{
		table: table, loader: loader, matcher: matching.NewMatcher(), rules: newRules(), context: isolate(),
		namespaces: map[string]*corev1.Namespace{},
	}, nil
}

// Program describes the session to the protocol's loop.
func (s *Session) Program(version string) protocol.Program {
	return protocol.Program{
		Hello: protocol.Hello{
			Program: Name, Version: version, Requests: []string{"configure", "judge"},
			Linked: map[string]string{"kyverno": LinkedKyverno()},
		},
		Kinds: map[string]protocol.Kind{
			"configure": {Handle: s.configure, Alone: true},
			"judge":     {Handle: s.judge, Judges: true},
		},
		TimeLimit: s.limit.Get,
		Workers:   protocol.Workers(),
	}
}

// LinkedKyverno reads the version of Kyverno that the build linked.
func LinkedKyverno() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range info.Deps {
		if module.Path == kyvernoModule {
			return module.Version
		}
	}
	return "unknown"
}
