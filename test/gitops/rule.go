package gitops

import (
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Rule is the health rules for Argo CD, by the kinds of objects. It may be used by several goroutines.
type Rule struct {
	scripts map[string]string
}

// Load reads the rules from the settings that the project ships.
func Load(path string) (*Rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var settings struct {
		Data map[string]string `json:"data"`
	}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Rule{settings.Data}, nil
}

// judge runs the rule of an object's kind in a state of its own, with what Argo CD has opened there: neither strings nor files.
func (r *Rule) judge(o *unstructured.Unstructured) (health, message string, err error) {
	kind := o.GroupVersionKind()
	name := "resource.customizations.health." + kind.Group + "_" + kind.Kind
	script, ok := r.scripts[name]
	if !ok {
		return "", "", fmt.Errorf("there is no %s", name)
	}
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable} {
		l.Push(l.NewFunction(open))
		l.Call(0, 0)
	}
	l.SetGlobal("obj", value(l, o.Object))
	if err := l.DoString(script); err != nil {
		return "", "", err
	}
	said, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("it returned %s", l.Get(-1))
	}
	return lua.LVAsString(said.RawGetString("status")), lua.LVAsString(said.RawGetString("message")), nil
}

// value is a part of an object as Lua has it.
func value(l *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		t := l.NewTable()
		for name, field := range v {
			t.RawSetString(name, value(l, field))
		}
		return t
	case []any:
		t := l.NewTable()
		for _, item := range v {
			t.Append(value(l, item))
		}
		return t
	case string:
		return lua.LString(v)
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	default:
		return lua.LNil
	}
}
