package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// Version is the part of a spec that makes a version. Make it with Of or Read; it is not changed.
type Version struct {
	spec map[string]any
}

// Of returns the version that a spec asks for.
func Of(spec *v1alpha1.StreamJobSpec) (Version, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return Version{}, fault.Wrap(fault.Bug, err, "encode a spec")
	}
	tree, err := decode(text)
	if err != nil {
		return Version{}, err
	}
	part := v1alpha1.Part("StreamJob", tree, versioned)
	leaveOut(part, "StreamJob")
	return Version{part}, nil
}

// leaveOut takes later defaults out of a part of a spec.
func leaveOut(part map[string]any, path string) {
	for name, value := range part {
		at := path + "." + name
		if inner, is := value.(map[string]any); is {
			if leaveOut(inner, at); len(inner) == 0 {
				delete(part, name)
			}
		} else if late, is := v1alpha1.LaterDefault(at); is && reflect.DeepEqual(value, late) {
			delete(part, name)
		}
	}
}

// versioned says whether a field belongs to a version.
func versioned(path string, change v1alpha1.Change) bool {
	switch change {
	case v1alpha1.ChangeRoll, v1alpha1.ChangeSavepoint, v1alpha1.ChangeImmutable:
		return path != "spec.suspend"
	default:
		return false
	}
}

// decode reads an object; numbers stay as they are written.
func decode(text []byte) (map[string]any, error) {
	tree := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decode a version")
	}
	return tree, nil
}

// Spec returns the version's fields as JSON, for people and for comparing.
func (v Version) Spec() ([]byte, error) {
	text, err := json.Marshal(v.spec)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode a version")
	}
	return text, nil
}

// Name is that of the version's ControllerRevision: the job's, and what tells the content from others. A job that was deleted and made anew
// has other names, so that it never takes what is left of the one before for its own.
func (v Version) Name(job string, uid types.UID) (string, error) {
	const digits = 10
	text, err := v.Spec()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(uid+"\n"), text...))
	return job + "-" + hex.EncodeToString(sum[:])[:digits], nil
}

// Differences lists the fields in which a version is not as another one, by the names of the spec's own fields, sorted.
func (v Version) Differences(other Version) []string {
	var names []string
	all := maps.Clone(v.spec)
	maps.Copy(all, other.spec)
	for name := range all {
		if !reflect.DeepEqual(v.spec[name], other.spec[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Patch returns the JSON merge patch of a spec that makes this version of one that is now another; nil when it is this one already. Fields that
// make no version are not in it.
func (v Version) Patch(now Version) map[string]any {
	patch := difference(now.spec, v.spec)
	if len(patch) == 0 {
		return nil
	}
	return patch
}

// difference is the merge patch from one object to another.
func difference(from, to map[string]any) map[string]any {
	patch := map[string]any{}
	for name := range from {
		if _, stays := to[name]; !stays {
			patch[name] = nil
		}
	}
	for name, value := range to {
		before, isObject := from[name].(map[string]any)
		after, becomesObject := value.(map[string]any)
		switch {
		case isObject && becomesObject:
			if inner := difference(before, after); len(inner) > 0 {
				patch[name] = inner
			}
		case !reflect.DeepEqual(from[name], value):
			patch[name] = value
		}
	}
	return patch
}
