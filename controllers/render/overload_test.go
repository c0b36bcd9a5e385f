package render_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

func TestAPlanWhoseRowsAreMadeShedsNothing(t *testing.T) {
	lag := int64(1000)
	plan := func(n *spec.Nexmark) *physical.Plan {
		return &physical.Plan{Stages: []physical.Stage{{Input: physical.Input{Topic: &physical.TopicInput{Topic: "bids", Nexmark: n}}}}}
	}
	cases := map[string]struct {
		overload v1alpha1.Overload
		plan     *physical.Plan
		refused  string
	}{
		"a topic":                {v1alpha1.Overload{Type: "Shed", MaxLagRecords: &lag}, plan(nil), ""},
		"rows that are made":     {v1alpha1.Overload{Type: "Shed", MaxLagRecords: &lag}, plan(&spec.Nexmark{}), "the rows of bids are made"},
		"all of them to be read": {v1alpha1.Overload{Type: "Wait"}, plan(&spec.Nexmark{}), ""},
		"nothing said":           {v1alpha1.Overload{}, plan(&spec.Nexmark{}), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := render.CheckOverload(&v1alpha1.StreamJob{Spec: v1alpha1.StreamJobSpec{Overload: c.overload}}, c.plan)
			if (err != nil) != (c.refused != "") || err != nil && (fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
