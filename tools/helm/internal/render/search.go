package render

import (
	"slices"
	"strings"
	"text/template/parse"
)

// search looks for the values that stand beside a call: in the same action, and in the conditions around it.
type search struct {
	function string
	line     int
	text     string
	values   []string
}

// walk visits a node; conditions are those of the branches that lead to it.
func (s *search) walk(node parse.Node, conditions []parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, each := range n.Nodes {
				s.walk(each, conditions)
			}
		}
	case *parse.IfNode:
		s.branch(&n.BranchNode, conditions)
	case *parse.WithNode:
		s.branch(&n.BranchNode, conditions)
	case *parse.RangeNode:
		s.branch(&n.BranchNode, conditions)
	case *parse.ActionNode:
		s.action(n.Pipe, conditions)
	}
}

func (s *search) branch(node *parse.BranchNode, conditions []parse.Node) {
	s.action(node.Pipe, conditions)
	inner := append(slices.Clone(conditions), node.Pipe)
	s.walk(node.List, inner)
	s.walk(node.ElseList, inner)
}

// action collects the values of an action that makes the call.
func (s *search) action(pipe *parse.PipeNode, conditions []parse.Node) {
	calls := false
	each(pipe, func(node parse.Node) {
		if name, is := node.(*parse.IdentifierNode); is && name.Ident == s.function {
			calls = calls || 1+strings.Count(s.text[:name.Position()], "\n") == s.line
		}
	})
	if !calls {
		return
	}
	for _, node := range append(slices.Clone(conditions), pipe) {
		each(node, func(node parse.Node) {
			var path []string
			switch n := node.(type) {
			case *parse.FieldNode:
				path = n.Ident
			case *parse.VariableNode:
				path = n.Ident[1:]
			}
			if len(path) > 1 && path[0] == "Values" {
				if name := strings.Join(path[1:], "."); !slices.Contains(s.values, name) {
					s.values = append(s.values, name)
				}
			}
		})
	}
}

// each visits the nodes of a pipeline, nested ones included.
func each(node parse.Node, visit func(parse.Node)) {
	visit(node)
	switch n := node.(type) {
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			each(command, visit)
		}
	case *parse.CommandNode:
		for _, argument := range n.Args {
			each(argument, visit)
		}
	case *parse.ChainNode:
		each(n.Node, visit)
	}
}
