package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	"github.com/kyverno/kyverno/pkg/cel/compiler"
)

// beyond names the variables through which Kyverno's CEL libraries reach further than the object.
var beyond = map[string]string{
	"globalContext": "reads Kyverno's global context, which only a cluster has",
	"http":          "calls a service over the network",
	"image":         "reads an image's data from its registry",
	"resource":      "reads or writes other objects of the cluster",
}

// volatile names the functions whose results differ from run to run.
var volatile = map[string]string{
	"now":    "clock",
	"random": "chance",
}

// expression is one expression of a policy with its path.
type expression struct {
	field, text string
}

// parsing makes Kyverno's environment as far as parsing depends on it: its macros and its syntax.
var parsing = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(compiler.DefaultEnvOptionsWithCompat()...)
})

// expressions lists everything in a policy that is compiled.
func expressions(spec *policiesv1beta1.ValidatingPolicySpec) []expression {
	var all []expression
	add := func(text, format string, arguments ...any) {
		if text != "" {
			all = append(all, expression{fmt.Sprintf(format, arguments...), text})
		}
	}
	for i, condition := range spec.MatchConditions {
		add(condition.Expression, "spec.matchConditions[%d].expression", i)
	}
	for i, variable := range spec.Variables {
		add(variable.Expression, "spec.variables[%d].expression", i)
	}
	for i, validation := range spec.Validations {
		add(validation.Expression, "spec.validations[%d].expression", i)
		add(validation.MessageExpression, "spec.validations[%d].messageExpression", i)
	}
	for i, annotation := range spec.AuditAnnotations {
		add(annotation.ValueExpression, "spec.auditAnnotations[%d].valueExpression", i)
	}
	return all
}

// reach finds what an expression reads beside the object; a parse error is returned as it is.
func reach(text string) (found *scan, err error) {
	env, err := parsing()
	if err != nil {
		return nil, err
	}
	tree, issues := env.Parse(text)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	found = &scan{further: map[string]bool{}, volatile: map[string]bool{}}
	found.walk(tree.NativeRep().Expr(), nil)
	return found, nil
}

// scan collects the variables and functions of interest.
type scan struct {
	further, volatile map[string]bool
}

// walk visits an expression; bound are the names that a macro around it binds, which hide variables.
func (s *scan) walk(e celast.Expr, bound []string) {
	switch e.Kind() {
	case celast.IdentKind:
		s.identifier(e.AsIdent(), bound)
	case celast.SelectKind:
		s.walk(e.AsSelect().Operand(), bound)
	case celast.CallKind:
		s.call(e.AsCall(), bound)
	case celast.ListKind:
		s.all(e.AsList().Elements(), bound)
	case celast.MapKind:
		s.entries(e.AsMap().Entries(), bound)
	case celast.StructKind:
		s.entries(e.AsStruct().Fields(), bound)
	case celast.ComprehensionKind:
		s.comprehension(e.AsComprehension(), bound)
	}
}

func (s *scan) all(list []celast.Expr, bound []string) {
	for _, e := range list {
		s.walk(e, bound)
	}
}

// identifier records a variable; a leading dot means the outermost scope, whatever a macro binds.
func (s *scan) identifier(name string, bound []string) {
	absolute := strings.HasPrefix(name, ".")
	name = strings.TrimPrefix(name, ".")
	if _, further := beyond[name]; further && (absolute || !slices.Contains(bound, name)) {
		s.further[name] = true
	}
}

func (s *scan) call(c celast.CallExpr, bound []string) {
	if what, known := volatile[c.FunctionName()]; known {
		s.volatile[what] = true
	}
	if c.IsMemberFunction() {
		s.walk(c.Target(), bound)
	}
	s.all(c.Args(), bound)
}

func (s *scan) entries(entries []celast.EntryExpr, bound []string) {
	for _, entry := range entries {
		switch entry.Kind() {
		case celast.MapEntryKind:
			s.walk(entry.AsMapEntry().Key(), bound)
			s.walk(entry.AsMapEntry().Value(), bound)
		case celast.StructFieldKind:
			s.walk(entry.AsStructField().Value(), bound)
		}
	}
}

func (s *scan) comprehension(c celast.ComprehensionExpr, bound []string) {
	s.walk(c.IterRange(), bound)
	s.walk(c.AccuInit(), bound)
	outer := append(slices.Clone(bound), c.AccuVar())
	inner := append(slices.Clone(outer), c.IterVar())
	if c.HasIterVar2() {
		inner = append(inner, c.IterVar2())
	}
	s.walk(c.LoopCondition(), inner)
	s.walk(c.LoopStep(), inner)
	s.walk(c.Result(), outer)
}

// examine refuses a policy that reaches further than the object, and lists what makes its verdicts volatile.
func examine(spec *policiesv1beta1.ValidatingPolicySpec) ([]string, *Refusal) {
	reads := map[string]bool{}
	for _, e := range expressions(spec) {
		found, err := reach(e.text)
		if err != nil {
			return nil, refuse(Uncompilable, "%v", err).at(e.field)
		}
		for _, name := range slices.Sorted(maps.Keys(found.further)) {
			return nil, refuse(UnsupportedFeature, "`%s` %s", name, beyond[name]).at(e.field)
		}
		maps.Copy(reads, found.volatile)
	}
	return slices.Sorted(maps.Keys(reads)), nil
}
