package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of types: a type that holds itself is an error, not a loop.
const maxDepth = 12

// declared is a type of the package with its comment.
type declared struct {
	expr ast.Expr
	doc  string
}

type loader struct {
	types  map[string]declared
	faults []error
}

// load reads the types of a folder and returns the kinds in name order, or all that is missing.
func load(folder string) ([]kind, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w", folder, fs.ErrNotExist)
	}
	l := &loader{types: map[string]declared{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "zz_generated") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		l.declare(file)
	}
	var kinds []kind
	for name, d := range l.types {
		if _, isKind := l.types[name+"Spec"]; !isKind {
			continue
		}
		text, _ := split(d.doc)
		k := kind{name: name, doc: text}
		l.walk(&k.spec, "spec", name+"Spec", 0)
		l.walk(&k.status, "status", name+"Status", 0)
		kinds = append(kinds, k)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].name < kinds[j].name })
	for _, k := range kinds {
		l.check(k)
	}
	return kinds, errors.Join(l.faults...)
}

func (l *loader) declare(file *ast.File) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, s := range gen.Specs {
			if t, ok := s.(*ast.TypeSpec); ok {
				doc := t.Doc
				if doc == nil {
					doc = gen.Doc
				}
				l.types[t.Name.Name] = declared{t.Type, raw(doc)}
			}
		}
	}
}

// walk appends the fields of a struct type, and below each the fields of its own type.
func (l *loader) walk(to *[]field, path, typeName string, depth int) {
	d, ok := l.types[typeName]
	structure, isStruct := d.expr.(*ast.StructType)
	if !ok || !isStruct {
		return
	}
	if depth > maxDepth {
		l.faults = append(l.faults, fmt.Errorf("%s: nested deeper than %d", path, maxDepth))
		return
	}
	for _, f := range structure.Fields.List {
		name, optional := jsonName(f)
		if name == "" || len(f.Names) == 0 {
			continue
		}
		text, markers := split(raw(f.Doc))
		inner := elem(f.Type)
		_, typeMarkers := split(l.types[inner].doc)
		for k, v := range typeMarkers {
			if _, own := markers[k]; !own {
				markers[k] = v
			}
		}
		at := path + "." + name
		*to = append(*to, field{
			path: at, typ: l.describe(f.Type), doc: text, change: markers["millrace:change"],
			markers: markers, optional: optional,
		})
		l.walk(to, at, inner, depth+1)
	}
}

func (l *loader) check(k kind) {
	for _, f := range k.spec {
		at := k.name + "." + f.path
		if f.doc == "" {
			l.faults = append(l.faults, fmt.Errorf("%s: has no doc comment", at))
		}
		switch f.change {
		case "Ignore", "Rescale", "Roll", "Savepoint", "Immutable":
		case "":
			l.faults = append(l.faults, fmt.Errorf("%s: has no marker; add // +millrace:change=Ignore|Rescale|Roll|Savepoint|Immutable", at))
		default:
			l.faults = append(l.faults, fmt.Errorf("%s: unknown change %q", at, f.change))
		}
	}
	for _, f := range k.status {
		if f.doc == "" {
			l.faults = append(l.faults, fmt.Errorf("%s.%s: has no doc comment", k.name, f.path))
		}
	}
}

// describe names a type as a manifest's author sees it.
func (l *loader) describe(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return l.describe(t.X)
	case *ast.ArrayType:
		return "list of " + l.describe(t.Elt)
	case *ast.MapType:
		return "map of " + l.describe(t.Value)
	case *ast.SelectorExpr:
		switch t.Sel.Name {
		case "Duration":
			return "duration"
		case "Time":
			return "time"
		case "Quantity":
			return "quantity"
		case "RawExtension":
			return "object"
		default:
			return t.Sel.Name
		}
	case *ast.Ident:
		if d, ok := l.types[t.Name]; ok {
			if _, isStruct := d.expr.(*ast.StructType); isStruct {
				return "object"
			}
			return l.describe(d.expr)
		}
		if strings.HasPrefix(t.Name, "int") {
			return "integer"
		}
		return t.Name
	default:
		return "object"
	}
}

// elem strips pointers and lists and returns the name of a type of this package, or of a basic type.
func elem(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return elem(t.X)
	case *ast.ArrayType:
		return elem(t.Elt)
	case *ast.Ident:
		return t.Name
	default:
		return ""
	}
}

func jsonName(f *ast.Field) (name string, optional bool) {
	if f.Tag == nil {
		return "", false
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", false
	}
	name, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	if name == "-" {
		return "", false
	}
	return name, strings.Contains(options, "omitempty")
}

// raw returns a comment with its markers, which ast's own Text leaves out.
func raw(doc *ast.CommentGroup) string {
	if doc == nil {
		return ""
	}
	lines := make([]string, 0, len(doc.List))
	for _, c := range doc.List {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " "))
	}
	return strings.Join(lines, "\n")
}

// split parts a comment into its prose, joined into one line, and its markers by name.
func split(doc string) (text string, markers map[string]string) {
	markers = map[string]string{}
	var prose []string
	for line := range strings.SplitSeq(doc, "\n") {
		marker, isMarker := strings.CutPrefix(strings.TrimSpace(line), "+")
		switch {
		case !isMarker && strings.TrimSpace(line) != "":
			prose = append(prose, strings.TrimSpace(line))
		case isMarker:
			name, value, _ := strings.Cut(marker, "=")
			markers[name] = value
		}
	}
	return strings.Join(prose, " "), markers
}
