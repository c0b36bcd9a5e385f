package render_test

import (
	"testing"

	"github.com/millrace/millrace/controllers/render"
)

func TestATopicOfAJobIsKnownByItsName(t *testing.T) {
	for topic, want := range map[string]string{
		"c1.shop.sales.1.commits":          "shop",
		"c1.shop.sales.12.sum-0-changelog": "shop",
		"c1.shop.sales.1.a.b":              "shop",
		"c1.shop.sales.commits":            "", // none has no epoch
		"c1.shop.sales.-1.commits":         "",
		"c1.shop.sales.x.commits":          "",
		"c1.shop.sales.1":                  "",
		"c1.shop.orders":                   "",
		"c2.shop.sales.1.commits":          "", // another cluster's
		"c1":                               "",
		"":                                 "",
	} {
		got, is := render.Internal("c1", topic)
		if is != (want != "") || is && got != want {
			t.Errorf("%q is of %q, %v, want %q", topic, got, is, want)
		}
	}
}

// A job's name has no dot and neither has a namespace's, so that no job's prefix begins another one's topics.
func TestNoPrefixBeginsTheTopicsOfAnotherJob(t *testing.T) {
	jobs := [][2]string{{"a", "b"}, {"a", "b-1"}, {"a-b", "c"}, {"a", "b-c"}, {"ab", "c"}, {"a", "bc"}}
	for _, x := range jobs {
		for _, y := range jobs {
			if x == y {
				continue
			}
			topic := render.Prefix("c1", y[0], y[1]) + ".1.commits"
			if namespace, _ := render.Internal("c1", topic); namespace != y[0] {
				t.Errorf("%s is of %s", topic, namespace)
			}
			if prefix := render.Prefix("c1", x[0], x[1]) + "."; len(topic) > len(prefix) && topic[:len(prefix)] == prefix {
				t.Errorf("%s begins %s", prefix, topic)
			}
		}
	}
}
