package manifest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// maxFileBytes bounds one manifest file; an object above 1.5 MiB is refused by etcd anyway.
const maxFileBytes = 4 << 20

// Set is what a list of manifests holds, defaults filled in. Objects of kinds that are not ours are left out and named
// in Ignored, so that a folder may also hold a ConfigMap or a Namespace.
type Set struct {
	Connections []v1alpha1.KafkaConnection
	Topics      []v1alpha1.StreamTopic
	Jobs        []v1alpha1.StreamJob
	// Ignored names what was left out, as "ConfigMap/settings (a.yaml)".
	Ignored []string
}

// Load reads files, the YAML files of folders (not of folders inside them), and the standard input for "-". Names are
// taken in the order given, files of a folder by name. All mistakes of all files are returned together.
func Load(ctx context.Context, definitions fs.FS, names []string, stdin io.Reader) (*Set, error) {
	kinds, err := schemas(definitions)
	if err != nil {
		return nil, err
	}
	files, err := expand(names)
	if err != nil {
		return nil, err
	}
	l := loader{kinds: kinds, seen: map[string]string{}}
	for _, file := range files {
		text, err := read(file, stdin)
		if err != nil {
			return nil, err
		}
		l.load(ctx, file, text)
	}
	return &l.set, errors.Join(l.errs...)
}

func expand(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case name == "-":
			files = append(files, name)
			continue
		case errors.Is(err, fs.ErrNotExist):
			return nil, fault.New(fault.User, fault.Place{File: name}, "no such file or folder").Do("check the path given to -f")
		case err != nil:
			return nil, fault.Wrap(fault.Transient, err, "read the manifest")
		case !info.IsDir():
			files = append(files, name)
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, fault.Wrap(fault.Transient, err, "read the folder")
		}
		before := len(files)
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); !e.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, ext) {
				files = append(files, filepath.Join(name, e.Name()))
			}
		}
		if len(files) == before {
			return nil, fault.New(fault.User, fault.Place{File: name}, "the folder holds no .yaml, .yml or .json file")
		}
	}
	return files, nil
}

func read(file string, stdin io.Reader) ([]byte, error) {
	source := stdin
	if file != "-" {
		f, err := os.Open(file) //nolint:gosec // the user's own file, named by the user
		if err != nil {
			return nil, fault.Wrap(fault.User, err, "open the manifest")
		}
		defer func() { _ = f.Close() }() // nothing was written
		source = f
	}
	text, err := io.ReadAll(io.LimitReader(source, maxFileBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "read the manifest").At(fault.Place{File: file})
	}
	if len(text) > maxFileBytes {
		return nil, fault.New(fault.User, fault.Place{File: file}, "the file is larger than %d bytes", maxFileBytes)
	}
	return text, nil
}

type loader struct {
	kinds map[string]*schema
	set   Set
	seen  map[string]string // kind/name → file
	errs  []error
}

func (l *loader) load(ctx context.Context, file string, text []byte) {
	documents := yaml.NewYAMLReader(newLineReader(text))
	line := 1
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			l.errs = append(l.errs, fault.Wrap(fault.User, err, "read as YAML").At(fault.InText(file, line, 1)))
			return
		}
		l.document(ctx, file, line, document)
		line += bytes.Count(document, []byte("\n")) + 1
	}
}

func (l *loader) document(ctx context.Context, file string, line int, text []byte) {
	object := map[string]any{}
	if err := sigsyaml.UnmarshalStrict(text, &object); err != nil {
		l.errs = append(l.errs, fault.Wrap(fault.User, err, "read as YAML").At(fault.InText(file, line, 1)))
		return
	}
	if len(object) == 0 {
		return
	}
	normalize(object)
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	s, ours := l.kinds[kind]
	if !ours {
		l.set.Ignored = append(l.set.Ignored, kind+"/"+name+" ("+file+")")
		return
	}
	if other, twice := l.seen[kind+"/"+name]; twice {
		l.fail(file, kind, name, field.ErrorList{field.Duplicate(field.NewPath("metadata", "name"), name)}, " (also in "+other+")")
		return
	}
	l.seen[kind+"/"+name] = file
	if errs := s.admit(ctx, object); len(errs) > 0 {
		l.fail(file, kind, name, errs, "")
		return
	}
	if err := l.keep(kind, object); err != nil {
		l.errs = append(l.errs, fault.Wrap(fault.User, err, "%s/%s", kind, name).At(fault.InText(file, line, 1)))
	}
}

func (l *loader) fail(file, kind, name string, errs field.ErrorList, note string) {
	for _, e := range errs {
		place := fault.Place{Field: file + ": " + kind + "/" + name + ": " + strings.TrimPrefix(e.Field, "<nil>.")}
		l.errs = append(l.errs, fault.New(fault.User, place, "%s%s", e.ErrorBody(), note))
	}
}

func (l *loader) keep(kind string, object map[string]any) error {
	switch kind {
	case "KafkaConnection":
		return decode(object, &l.set.Connections)
	case "StreamTopic":
		return decode(object, &l.set.Topics)
	case "StreamJob":
		return decode(object, &l.set.Jobs)
	case "StreamSavepoint": // is for a job of a cluster
		metadata, _ := object["metadata"].(map[string]any)
		name, _ := metadata["name"].(string)
		l.set.Ignored = append(l.set.Ignored, kind+"/"+name)
		return nil
	default:
		return fault.New(fault.Bug, fault.Place{}, "kind %s has a schema but no place in a set", kind)
	}
}

func decode[T any](object map[string]any, list *[]T) error {
	var typed T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, &typed); err != nil {
		return err
	}
	*list = append(*list, typed)
	return nil
}
