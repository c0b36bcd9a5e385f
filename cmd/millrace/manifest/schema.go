package manifest

import (
	"context"
	"io/fs"
	"math"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/runtime/fault"
)

// schema checks the objects of one kind.
type schema struct {
	kind       string
	apiVersion string
	structural *structural.Structural
	types      validation.SchemaValidator
	rules      *cel.Validator
}

// schemas reads the CustomResourceDefinitions and returns a schema for each kind.
func schemas(files fs.FS) (map[string]*schema, error) {
	byKind := map[string]*schema{}
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		s, err := newSchema(text)
		if err != nil {
			return fault.Wrap(fault.Bug, err, "read the schema %s", path)
		}
		byKind[s.kind] = s
		return nil
	})
	return byKind, err
}

func newSchema(text []byte) (*schema, error) {
	var v1 apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &v1); err != nil {
		return nil, err
	}
	version := v1.Spec.Versions[0]
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &props, nil); err != nil {
		return nil, err
	}
	s := &schema{kind: v1.Spec.Names.Kind, apiVersion: v1.Spec.Group + "/" + version.Name}
	var err error
	if s.structural, err = structural.NewStructural(&props); err != nil {
		return nil, err
	}
	if s.types, _, err = validation.NewSchemaValidator(&props); err != nil {
		return nil, err
	}
	s.rules = cel.NewValidator(s.structural, true, celconfig.PerCallLimit)
	return s, nil
}

// admit checks an object and fills in its defaults. What it returns are all mistakes, each with its field.
func (s *schema) admit(ctx context.Context, object map[string]any) field.ErrorList {
	var errs field.ErrorList
	if object["apiVersion"] != s.apiVersion {
		return append(errs, field.NotSupported(field.NewPath("apiVersion"), object["apiVersion"], []string{s.apiVersion}))
	}
	unknown := pruning.PruneWithOptions(object, s.structural, true, structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		errs = append(errs, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, s.structural)
	defaulting.Default(object, s.structural)
	errs = append(errs, validation.ValidateCustomResource(nil, object, s.types)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, s.structural, object)...)
	if len(errs) > 0 || s.rules == nil {
		return errs // rules may assume that the types are right
	}
	broken, _ := s.rules.Validate(ctx, nil, s.structural, object, nil, min(celconfig.RuntimeCELCostBudget, math.MaxInt64))
	return broken
}
