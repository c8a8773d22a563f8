package comparison

import (
	"slices"
	"strings"

	"aurora.example/tools/kubernetes/internal/finding"
)

// violates starts every warning of the Pod Security plugin.
const violates = "would violate PodSecurity"

// warnings compares what the server warns of; the words of Pod Security are one text there and findings here.
func (c *comparing) warnings() {
	answer := c.Report.Apply
	if c.Report.Create != nil {
		answer = c.Report.Create
	}
	var said, security []string
	for _, warning := range answer.Warnings {
		if strings.HasPrefix(warning, violates) {
			security = append(security, plain(warning))
		} else {
			said = append(said, warning)
		}
	}
	c.setDifference(Warnings, c.warned(), said)
	c.security(strings.Join(security, "; "))
}

func (c *comparing) warned() []string {
	var all []string
	for _, f := range c.Verdict.Findings {
		if f.Severity == finding.Warning && slices.Contains([]finding.Rule{finding.Deprecated, finding.ServerWarning, finding.AdmissionDenied}, f.Rule) {
			all = append(all, f.Message)
		}
	}
	return all
}

// security demands each violation in the server's warning, and a warning only where there is a violation.
func (c *comparing) security(warning string) {
	violations := 0
	for _, f := range c.Verdict.Findings {
		if f.Rule == finding.PodEnforce || f.Rule == finding.PodWarn {
			violations++
			said := violation(plain(f.Message))
			c.when(!strings.Contains(warning, said), Warnings, said, warning)
		}
	}
	c.when(violations == 0 && warning != "", Warnings, "-", warning)
}

// violation is the reason inside a finding, without the level before it and the details after it: details name all
// containers of a pod together.
func violation(message string) string {
	if _, rest, found := strings.Cut(message, `": `); found {
		message = rest
	}
	reason, _, _ := strings.Cut(message, " (")
	return reason
}
