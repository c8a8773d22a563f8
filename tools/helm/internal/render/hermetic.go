package render

import (
	"fmt"
	"text/template"
)

// impure are the template functions whose result is not given by chart, values and cluster: chance, the clock, the
// network, and the objects of a running cluster. Source: sprig 3.3.0, functions.go; Helm 4, pkg/engine/funcs.go.
var impure = []string{
	"randAlpha", "randAlphaNum", "randAscii", "randBytes", "randInt", "randNumeric", "shuffle", "uuidv4",
	"bcrypt", "htpasswd", "encryptAES",
	"genCA", "genCAWithKey", "genPrivateKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	"now", "ago",
	"getHostByName", "lookup",
}

// impureCall is the error of a template that calls one of them.
type impureCall struct{ function string }

func (c *impureCall) Error() string {
	return fmt.Sprintf("`%s` depends on more than the chart, its values and the cluster's versions", c.function)
}

// hermetic replaces the impure functions by errors. With emptyLookups, `lookup` finds nothing, as where Argo CD renders.
func hermetic(emptyLookups bool) template.FuncMap {
	functions := template.FuncMap{}
	for _, name := range impure {
		functions[name] = func(...any) (any, error) { return nil, &impureCall{name} }
	}
	if emptyLookups {
		functions["lookup"] = func(_, _, _, _ string) map[string]any { return map[string]any{} }
	}
	return functions
}
