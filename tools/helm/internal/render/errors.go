package render

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"aurora.example/tools/protocol"
)

// place is where an error in a chart occurred: `templates/secret.yaml:12` under the path of its chart.
var place = regexp.MustCompile(`([^\s()]+/templates/[^\s():]+):(\d+)`)

// explain turns an error of the engine into a problem. The innermost place is the last one in the text; only text is left of an
// error inside a template that another one includes.
func explain(loaded *chart.Chart, err error) error {
	message := strings.Join(strings.Fields(err.Error()), " ")
	function := calledFunction(err)
	if function == "" {
		return &protocol.Problem{Reason: ReasonTemplate, Message: shortened(message)}
	}
	message = (&impureCall{function}).Error()
	places := place.FindAllStringSubmatch(err.Error(), -1)
	slices.Reverse(places)
	if len(places) > 0 {
		message = fmt.Sprintf("%s:%s: %s", places[0][1], places[0][2], message)
	}
	for _, each := range places {
		line, _ := strconv.Atoi(each[2])
		if found := values(loaded, each[1], line, function); len(found) > 0 {
			message += "; values that decide about the call: " + strings.Join(found, ", ")
			break
		}
		function = "include"
	}
	return &protocol.Problem{Reason: ReasonHermetic, Message: message}
}

// shortened keeps both ends of a message: templates that include each other repeat themselves in between.
func shortened(message string) string {
	const kept = 300
	if len(message) <= 2*kept {
		return message
	}
	return strings.ToValidUTF8(message[:kept], "") + " … " + strings.ToValidUTF8(message[len(message)-kept:], "")
}

// calledFunction finds the impure function that ended a template; none for another error.
func calledFunction(err error) string {
	var call *impureCall
	if errors.As(err, &call) {
		return call.function
	}
	for _, name := range impure {
		if strings.Contains(err.Error(), (&impureCall{name}).Error()) {
			return name
		}
	}
	return ""
}

// values names the values that a template reads around a call: given, they usually avoid it.
func values(loaded *chart.Chart, name string, line int, function string) []string {
	owner, keys := loaded, []string{}
	steps := strings.Split(name, "/")
	for i := 1; i+1 < len(steps) && steps[i] == "charts"; i += 2 {
		for _, below := range owner.Dependencies() {
			if below.Name() == steps[i+1] {
				owner, keys = below, append(keys, steps[i+1])
				break
			}
		}
	}
	file := name[strings.LastIndex(name, "/templates/")+1:]
	at := slices.IndexFunc(owner.Templates, func(each *common.File) bool { return each.Name == file })
	if at < 0 {
		return nil
	}
	text := string(owner.Templates[at].Data)
	tree, trees := parse.New(name), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return nil
	}
	found := search{function: function, line: line, text: text}
	for _, each := range trees {
		found.walk(each.Root, nil)
	}
	for i, value := range found.values {
		found.values[i] = "`" + strings.Join(append(slices.Clone(keys), value), ".") + "`"
	}
	slices.Sort(found.values)
	return found.values
}
