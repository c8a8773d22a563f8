package verdict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// programVariable names the official command line; without it there is nothing to compare with.
const programVariable = "AURORA_KYVERNO"

// row is one verdict in a form that both sides can be brought into.
type row struct{ policy, object, result, message string }

// command is one run of the official command line.
type command struct {
	policies, exceptions, objects []any
	namespaces                    []Namespace
}

func official(t *testing.T) string {
	t.Helper()
	program := os.Getenv(programVariable)
	if program == "" {
		t.Skipf("%s names no official command line to compare with", programVariable)
	}
	return program
}

func TestOwnPoliciesGetTheVerdictsOfTheOfficialCommandLine(t *testing.T) {
	program := official(t)
	var objects []any
	load(t, filepath.Join("testdata", "differential", "objects.yaml"), &objects)
	var policies []any
	for _, name := range own {
		policies = append(policies, ownPolicy(t, name))
	}
	namespaces := []Namespace{{Name: "ml"}, {Name: "web"}, {Name: "kube-system"}}
	requests := []request{{"configure", map[string]any{"policies": policies, "namespaces": namespaces}}}
	for _, object := range objects {
		requests = append(requests, request{"judge", map[string]any{"object": object}})
	}
	replies := serve(t, requests...)
	ours := map[row]int{}
	for _, r := range replies[1:] {
		var verdict Verdict
		decode(t, done(t, r), &verdict)
		collect(ours, verdict)
	}
	theirs := run(t, program, command{policies: policies, objects: objects, namespaces: namespaces})
	if len(theirs) < len(objects) {
		t.Fatalf("%d rows for %d objects", len(theirs), len(objects))
	}
	compareRows(t, ours, theirs)
}

// apart are the files whose point is a difference: plurals that the command line guesses.
var apart = []string{"kinds"}

func TestCasesGetTheVerdictsOfTheOfficialCommandLine(t *testing.T) {
	program := official(t)
	for _, path := range files(t, "cases/*.yaml") {
		if slices.Contains(apart, stem(path)) {
			continue
		}
		t.Run(stem(path), func(t *testing.T) {
			var s scenario
			load(t, path, &s)
			s.compareWith(t, program)
		})
	}
}

// compareWith judges every object that is created, one by one, since some have one name.
func (s scenario) compareWith(t *testing.T, program string) {
	call := s.command(t)
	compared := 0
	for _, expected := range s.Judge {
		if expected.Error != "" || expected.Body["operation"] != nil {
			continue
		}
		replies := serve(t, request{"configure", s.Configure}, request{"judge", expected.Body})
		var verdict Verdict
		decode(t, done(t, replies[1]), &verdict)
		ours := map[row]int{}
		collect(ours, verdict)
		call.objects = []any{seen(expected.Body["object"].(map[string]any), verdict)}
		compareRows(t, ours, run(t, program, call))
		compared++
	}
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
}

// command hands over what the engine uses: the official command line would also apply expired exceptions.
func (s scenario) command(t *testing.T) command {
	configured := configure(t, s.Configure)
	refused := map[string]bool{}
	for _, r := range configured.Refused {
		refused[r.Pointer] = true
	}
	kept := func(section string) (entries []any) {
		all, _ := s.Configure[section].([]any)
		for i, entry := range all {
			if !refused[fmt.Sprintf("/%s/%d", section, i)] {
				entries = append(entries, entry)
			}
		}
		return entries
	}
	call := command{policies: kept("policies"), exceptions: kept("exceptions")}
	data, _ := json.Marshal(s.Configure["namespaces"])
	decode(t, data, &call.namespaces)
	return call
}

// seen is the object with what the API server has added or left out when admission sees it.
func seen(object map[string]any, verdict Verdict) map[string]any {
	metadata := maps.Clone(object["metadata"].(map[string]any))
	delete(metadata, "namespace")
	if verdict.Resource.Namespace != "" {
		metadata["namespace"] = verdict.Resource.Namespace
	}
	if verdict.Resource.Resource == "namespaces" {
		metadata["labels"] = map[string]any{"kubernetes.io/metadata.name": verdict.Resource.Name}
	}
	result := maps.Clone(object)
	result["metadata"] = metadata
	return result
}

func collect(rows map[row]int, verdict Verdict) {
	r := verdict.Resource
	for _, result := range verdict.Results {
		rows[row{result.Policy, fmt.Sprintf("%s %s/%s", r.Kind, r.Namespace, r.Name), string(result.Result), result.Message}]++
	}
}

func compareRows(t *testing.T, ours, theirs map[row]int) {
	t.Helper()
	for r, count := range ours {
		if theirs[r] != count {
			t.Errorf("only the engine says %+v", r)
		}
	}
	for r, count := range theirs {
		if ours[r] != count {
			t.Errorf("only the command line says %+v", r)
		}
	}
}

// run gives the rows of the official report.
func run(t *testing.T, program string, call command) map[row]int {
	t.Helper()
	folder := t.TempDir()
	arguments := []string{"apply"}
	for i, policy := range call.policies {
		arguments = append(arguments, store(t, folder, "policy-"+strconv.Itoa(i), policy))
	}
	for i, exception := range call.exceptions {
		arguments = append(arguments, "--exception", store(t, folder, "exception-"+strconv.Itoa(i), exception))
	}
	arguments = append(arguments, "--resource", store(t, folder, "objects", call.objects...),
		"--values-file", store(t, folder, "values", values(call.namespaces)),
		"--policy-report", "--output-format", "json", "--remove-color")
	process := exec.Command(program, arguments...)
	process.Env = []string{"HOME=" + folder}
	var errs bytes.Buffer
	process.Stderr = &errs
	output, err := process.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	return reported(t, output)
}

// store writes objects as documents of one file; a string is written as it is.
func store(t *testing.T, folder, name string, objects ...any) string {
	t.Helper()
	var content bytes.Buffer
	for _, object := range objects {
		text, isText := object.(string)
		if !isText {
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		fmt.Fprintf(&content, "---\n%s\n", text)
	}
	path := filepath.Join(folder, name+".yaml")
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// values describes namespaces to the official command line, with the label that the API server adds.
func values(namespaces []Namespace) map[string]any {
	var described []any
	for _, namespace := range namespaces {
		labels := map[string]string{"kubernetes.io/metadata.name": namespace.Name}
		maps.Copy(labels, namespace.Labels)
		described = append(described, map[string]any{
			"apiVersion": "v1", "kind": "Namespace",
			"metadata": map[string]any{"name": namespace.Name, "labels": labels},
		})
	}
	return map[string]any{
		"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Value",
		"metadata": map[string]any{"name": "values"}, "namespaces": described,
	}
}

// reported reads the reports; no output at all means that nothing matched.
func reported(t *testing.T, output []byte) map[row]int {
	t.Helper()
	rows := map[row]int{}
	for _, part := range strings.Split(string(output), "\n---\n") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		var report struct {
			Results []struct {
				Policy, Result, Message string
				Resources               []struct{ Kind, Namespace, Name string }
			}
		}
		if err := json.Unmarshal([]byte(part), &report); err != nil {
			t.Fatalf("%v in %s", err, part)
		}
		for _, result := range report.Results {
			for _, r := range result.Resources {
				rows[row{result.Policy, fmt.Sprintf("%s %s/%s", r.Kind, r.Namespace, r.Name), result.Result, result.Message}]++
			}
		}
	}
	return rows
}
