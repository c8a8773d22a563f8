package policy

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	vpolautogen "github.com/kyverno/kyverno/pkg/cel/policies/vpol/autogen"
	vpolcompiler "github.com/kyverno/kyverno/pkg/cel/policies/vpol/compiler"
	vpolengine "github.com/kyverno/kyverno/pkg/cel/policies/vpol/engine"
)

// Variant is a compiled policy, or the copy of it that autogen made for some controllers.
type Variant struct {
	Policy *Policy
	// Autogen is empty for the policy itself, and the name of Kyverno's rewriting for a copy.
	Autogen  string
	Compiled vpolengine.Policy
}

// Compile compiles a policy and its copies, each once.
func (p *Policy) Compile(exceptions []*Exception) (variants []Variant, refusal *Refusal) {
	defer func() {
		if cause := recover(); cause != nil {
			variants, refusal = nil, refuse(Uncompilable, "the compiler ends in a panic: %v", cause)
		}
		if refusal != nil {
			refusal.Pointer, refusal.Identity = p.Pointer, p.Identity
		}
	}()
	var applying []*policiesv1beta1.PolicyException
	for _, exception := range exceptions {
		if exception.Names(p) {
			applying = append(applying, exception.Object)
		}
	}
	compiler := vpolcompiler.NewCompiler()
	provider, err := vpolengine.NewProvider(compiler, []policiesv1beta1.ValidatingPolicyLike{p.Object}, applying)
	if err != nil {
		return nil, p.explain(compiler, err)
	}
	compiled, err := provider.Fetch(context.Background())
	if err != nil {
		return nil, refuse(Uncompilable, "%v", err)
	}
	return p.variants(compiled)
}

// variants puts a name to every compiled copy; Kyverno gives them in no order.
func (p *Policy) variants(compiled []vpolengine.Policy) ([]Variant, *Refusal) {
	copies, err := vpolautogen.Autogen(p.Object)
	if err != nil {
		return nil, refuse(Uncompilable, "%v", err)
	}
	variants := []Variant{{Policy: p, Compiled: compiled[0]}}
	for _, name := range slices.Sorted(maps.Keys(copies)) {
		for _, candidate := range compiled[1:] {
			if reflect.DeepEqual(candidate.CompiledPolicy.MatchConstraints(), copies[name].Spec.MatchConstraints) {
				variants = append(variants, Variant{Policy: p, Autogen: name, Compiled: candidate})
				break
			}
		}
	}
	if len(variants) != len(compiled) {
		return nil, refuse(Uncompilable, "%d of its %d copies for controllers could not be told apart", len(compiled)-len(variants), len(compiled)-1)
	}
	return variants, nil
}

// explain finds the field behind an error of the provider, which names none.
func (p *Policy) explain(compiler vpolcompiler.Compiler, cause error) *Refusal {
	if _, errs := compiler.Compile(p.Object, nil); len(errs) > 0 {
		return Blame(Uncompilable, errs)
	}
	copies, err := vpolautogen.Autogen(p.Object)
	if err != nil {
		return refuse(Uncompilable, "%v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(copies)) {
		rewritten := p.Object.DeepCopy()
		rewritten.Spec = *copies[name].Spec
		if _, errs := compiler.Compile(rewritten, nil); len(errs) > 0 {
			refusal := Blame(Uncompilable, errs)
			refusal.Message = fmt.Sprintf("in the copy `%s` for controllers: %s", name, refusal.Message)
			return refusal
		}
	}
	return refuse(Uncompilable, "%v", cause)
}
