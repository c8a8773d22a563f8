package admission

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"

	"aurora.example/tools/kubernetes/internal/linked"
)

// compiled builds the evaluator as compilePolicy of apiserver's validating plugin does, which is private.
func (p *policy) compiled() validating.Validator {
	p.once.Do(func() { p.evaluator = compile(p.definition) })
	return p.evaluator
}

func compile(definition *admissionv1.ValidatingAdmissionPolicy) validating.Validator {
	spec := definition.Spec
	withAuthorizer := cel.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil, HasAuthorizer: true}
	forMessages := cel.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil}
	compiler, err := linked.Compiler()
	if err != nil {
		panic(err)
	}
	compiler.CompileAndStoreVariables(variables(spec.Variables), withAuthorizer, environment.StoredExpressions)
	condition := func(accessors []cel.ExpressionAccessor, options cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
		return compiler.CompileCondition(accessors, options, environment.StoredExpressions)
	}
	var matcher matchconditions.Matcher
	if len(spec.MatchConditions) > 0 {
		accessors := make([]cel.ExpressionAccessor, len(spec.MatchConditions))
		for i := range spec.MatchConditions {
			accessors[i] = (*matchconditions.MatchCondition)(&spec.MatchConditions[i])
		}
		matcher = matchconditions.NewMatcher(condition(accessors, withAuthorizer), spec.FailurePolicy, "policy", "validate", definition.Name)
	}
	validations, messages := expressions(spec.Validations)
	return linked.Validator(condition(validations, withAuthorizer), matcher,
		condition(annotations(spec.AuditAnnotations), withAuthorizer), condition(messages, forMessages), spec.FailurePolicy)
}

func variables(list []admissionv1.Variable) []cel.NamedExpressionAccessor {
	accessors := make([]cel.NamedExpressionAccessor, len(list))
	for i, v := range list {
		accessors[i] = &validating.Variable{Name: v.Name, Expression: v.Expression}
	}
	return accessors
}

// expressions keeps validations and their messages at the same index; most have no message expression.
func expressions(list []admissionv1.Validation) (validations, messages []cel.ExpressionAccessor) {
	validations, messages = make([]cel.ExpressionAccessor, len(list)), make([]cel.ExpressionAccessor, len(list))
	for i, v := range list {
		validations[i] = &validating.ValidationCondition{Expression: v.Expression, Message: v.Message, Reason: v.Reason}
		if v.MessageExpression != "" {
			messages[i] = &validating.MessageExpressionCondition{MessageExpression: v.MessageExpression}
		}
	}
	return validations, messages
}

func annotations(list []admissionv1.AuditAnnotation) []cel.ExpressionAccessor {
	accessors := make([]cel.ExpressionAccessor, len(list))
	for i, a := range list {
		accessors[i] = &validating.AuditAnnotationCondition{Key: a.Key, ValueExpression: a.ValueExpression}
	}
	return accessors
}
