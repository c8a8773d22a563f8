package build

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// remote is what Kustomize would fetch: an URL, or a repository of Git (api/internal/git, extractHost and normalizeGithub).
var remote = regexp.MustCompile(`^(git::|[a-z+]+://|[^/]+@[^/]+:|gh:|(www\.)?github\.com[:/])|[?&](ref|version)=|\.git(/|$)`)

// folders and paths are the keys under which Kustomize reads files; those of folders may name another overlay.
var (
	folders = []string{"resources", "bases", "components"}
	plugins = []string{"generators", "transformers", "validators"}
	helm    = []string{"helmCharts", "helmGlobals", "helmChartInflationGenerator"}
	paths   = regexp.MustCompile(`^(crds|configurations|openapi\.path|patchesStrategicMerge|(patches|patchesJson6902|replacements)\.path` +
		`|(configMap|secret)Generator\.(files|envs|env))$`)
)

// file is one kustomization file.
type file struct {
	name    string
	content []byte
	node    *yaml.Node
}

// looked is what an overlay and everything below it name.
type looked struct {
	fs       filesys.FileSystem
	files    []file
	scalars  []scalar
	problems []Problem
	stack    []string
	seen     map[string]bool
}

// scalar is a value of a kustomization file and the keys that it stands under, joined by dots.
type scalar struct {
	file, key string
	node      *yaml.Node
}

// look reads the kustomization file of a folder and of all that it names, and finds what cannot be built here.
func look(fs filesys.FileSystem, folder string) *looked {
	l := &looked{fs: fs, seen: map[string]bool{}}
	l.folder(folder, scalar{})
	return l
}

func (l *looked) refuse(at scalar, message, hint string) {
	problem := Problem{strings.TrimPrefix(at.file, "/"), 1, 1, message, hint}
	if at.node != nil {
		problem.Line, problem.Column = at.node.Line, at.node.Column
	}
	l.problems = append(l.problems, problem)
}

// folder reads an overlay's file, which `from` names.
func (l *looked) folder(folder string, from scalar) {
	if slices.Contains(l.stack, folder) {
		l.refuse(from, "this leads back to `"+folder[1:]+"`, which it is part of", "remove it from one of the two")
		return
	}
	if l.seen[folder] {
		return
	}
	l.seen[folder] = true
	var names []string
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if l.fs.Exists(path.Join(folder, name)) {
			names = append(names, path.Join(folder, name))
		}
	}
	if len(names) != 1 {
		if from.node == nil {
			from.file = folder
		}
		l.refuse(from, fmt.Sprintf("`%s` has %d kustomization files", folder[1:], len(names)), "write one `kustomization.yaml` in it")
		return
	}
	content, _ := l.fs.ReadFile(names[0])
	var node yaml.Node
	if err := yaml.Unmarshal(content, &node); err != nil {
		l.refuse(scalar{file: names[0], node: &yaml.Node{Line: lineOf(err), Column: 1}}, err.Error(), "correct the YAML")
		return
	}
	if len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		l.refuse(scalar{file: names[0]}, "this is no mapping", "write `resources` and what is done to them")
		return
	}
	l.files = append(l.files, file{names[0], content, node.Content[0]})
	l.stack = append(l.stack, folder)
	l.walk(scalar{file: names[0], node: node.Content[0]})
	l.stack = l.stack[:len(l.stack)-1]
}

// walk visits every key and value of a kustomization file.
func (l *looked) walk(at scalar) {
	switch at.node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(at.node.Content); i += 2 {
			key := at.node.Content[i]
			l.scalars = append(l.scalars, scalar{at.file, "", key})
			if at.key == "" && slices.Contains(helm, key.Value) {
				l.refuse(scalar{at.file, "", key}, "no chart is rendered here",
					"render the chart into files, or give it a component of its own")
				continue
			}
			l.walk(scalar{at.file, strings.TrimPrefix(at.key+"."+key.Value, "."), at.node.Content[i+1]})
		}
	case yaml.SequenceNode:
		for _, node := range at.node.Content {
			l.walk(scalar{at.file, at.key, node})
		}
	case yaml.ScalarNode:
		l.scalars = append(l.scalars, at)
		l.value(at)
	}
}

// value follows what names a file or a folder.
func (l *looked) value(at scalar) {
	isFolder, isPlugin := slices.Contains(folders, at.key), slices.Contains(plugins, at.key)
	if !isFolder && !isPlugin && !paths.MatchString(at.key) {
		return
	}
	value := at.node.Value
	if strings.Contains(value, "\n") {
		if isPlugin {
			l.plugin(at, []byte(value))
		}
		return
	}
	if strings.HasSuffix(at.key, ".files") {
		value = value[strings.Index(value, "=")+1:]
	}
	own := path.Dir(at.file)
	target := path.Join(own, value)
	switch {
	case !l.fs.Exists(target) && remote.MatchString(value):
		l.refuse(at, "`"+value+"` lies elsewhere, and nothing is fetched", "copy it into the repository and name its folder")
	case !l.fs.Exists(target):
		l.refuse(at, "`"+value+"` does not exist below `components/`", "correct the path")
	case l.fs.IsDir(target) && isFolder:
		l.folder(target, at)
	case l.fs.IsDir(target):
		l.refuse(at, "`"+value+"` is a folder", "name a file in it")
	case !strings.HasPrefix(target, strings.TrimSuffix(own, "/")+"/"):
		l.refuse(at, "`"+value+"` lies outside of this overlay's folder", "move it there, or name a folder with a kustomization file")
	case isPlugin:
		content, _ := l.fs.ReadFile(target)
		l.plugin(at, content)
	}
}

// plugin refuses programs; what is built into Kustomize may be configured.
func (l *looked) plugin(at scalar, content []byte) {
	var head yaml.ResourceMeta
	if yaml.Unmarshal(content, &head) == nil && (head.APIVersion != "builtin" || strings.HasPrefix(head.Kind, "HelmChart")) {
		l.refuse(at, "`"+head.Kind+"` is a plugin, and no plugin is run", "write its result into a file and name that")
	}
}

var line = regexp.MustCompile(`line (\d+)`)

func lineOf(err error) int {
	number := 1
	if found := line.FindStringSubmatch(err.Error()); found != nil {
		_, _ = fmt.Sscan(found[1], &number)
	}
	return number
}
