package savepoint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

// TestCompare: what a changed query makes of the state. A verdict is printed as its outcome, changes and reason.
func TestCompare(t *testing.T) {
	base := query("name, ", "COUNT(*), SUM(i), MAX(n)", tumble)
	cases := map[string]struct{ now, want string }{
		"the same":                          {base, "Same"},
		"another filter before":             {strings.Replace(base, " GROUP BY", " WHERE n > 3 GROUP BY", 1), "Same"},
		"another alias":                     {strings.Replace(base, "COUNT(*)", "COUNT(*) AS c", 1), "Same"},
		"one function more":                 {query("name, ", "COUNT(*), SUM(i), MAX(n), AVG(x)", tumble), "Compatible [AVG(x) begins empty]"},
		"one less":                          {query("name, ", "COUNT(*), MAX(n)", tumble), "Compatible [SUM(i) is dropped]"},
		"another order":                     {query("name, ", "MAX(n), SUM(i), COUNT(*)", tumble), "Same"},
		"another function":                  {query("name, ", "COUNT(*), SUM(i), MIN(n)", tumble), "Compatible [MIN(n) begins empty; MAX(n) is dropped]"},
		"another filter of a function":      {query("name, ", "COUNT(*), SUM(i) FILTER (WHERE b), MAX(n)", tumble), "Compatible [SUM(i) FILTER (WHERE b) begins empty; SUM(i) is dropped]"},
		"another size of the window":        {query("name, ", "COUNT(*), SUM(i), MAX(n)", strings.Replace(tumble, "10", "20", 1)), "Incompatible: its windows are cut otherwise"},
		"another kind of window":            {query("name, ", "COUNT(*), SUM(i), MAX(n)", hop), "Incompatible: its windows are cut otherwise"},
		"sessions":                          {query("name, ", "COUNT(*), SUM(i), MAX(n)", sessions("name")), "Incompatible: its windows are cut otherwise"},
		"another key":                       {query("k, ", "COUNT(*), SUM(i), MAX(n)", tumble), "Incompatible: it groups by k, and grouped by name"},
		"one key more":                      {query("name, k, ", "COUNT(*), SUM(i), MAX(n)", tumble), "Incompatible: it groups by k, name, and grouped by name"},
		"no key":                            {query("", "COUNT(*), SUM(i), MAX(n)", tumble), "Incompatible: it groups by nothing, and grouped by name"},
		"another window and another key":    {query("k, ", "COUNT(*)", hop), "Added, Removed"},
		"no state any more":                 {"SELECT name FROM rows", "Removed"},
		"a second query beside it":          {insert("a", "name", base, 3) + insert("b", "k", query("k, ", "COUNT(*)", hop), 1), "Same, Added"},
		"the nearest of two of that window": {insert("a", "name", query("name, ", "MIN(n)", tumble), 1) + insert("b", "name", query("name, ", "COUNT(*), SUM(i)", tumble), 2), "Added, Compatible [MAX(n) is dropped]"},
	}
	_, m := saved(t, plan(t, base, 2))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := plan(t, c.now, 3)
			list, err := savepoint.Compare(m, p)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			refused, removed := false, false
			for _, v := range list {
				text := string(v.Outcome)
				if len(v.Changes) > 0 {
					text += fmt.Sprintf(" [%s]", strings.Join(v.Changes, "; "))
				}
				if v.Why != "" {
					text += ": " + v.Why
				}
				refused = refused || v.Outcome == compat.Incompatible
				removed = removed || v.Outcome == compat.Removed
				got = append(got, text)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, ", "), c.want)
			}
			if err := savepoint.Check(m, p, false); (err != nil) != (refused || removed) || err != nil && fault.KindOf(err) != fault.User {
				t.Errorf("nothing to drop: %v", err)
			}
			if err := savepoint.Check(m, p, true); (err != nil) != refused {
				t.Errorf("what was removed may be dropped: %v", err)
			}
		})
	}
}

// insert makes statements of a query with some BIGINT functions, which write to a topic of its own.
func insert(topic, key, query string, functions int) string {
	kind := "STRING"
	if key == "k" {
		kind = "BIGINT"
	}
	var columns strings.Builder
	for i := range functions {
		fmt.Fprintf(&columns, ", f%d BIGINT", i)
	}
	return "CREATE TABLE " + topic + " (" + key + " " + kind + ", window_start TIMESTAMP, window_end TIMESTAMP" + columns.String() +
		") WITH ('topic' = '" + topic + "', 'format' = 'json');\nINSERT INTO " + topic + " " + query + ";\n"
}

// A function that was added counts from the savepoint on, the others as if nothing had happened.
func TestAChangedQueryGoesOnWithWhatItKnows(t *testing.T) {
	for name, window := range map[string]string{"tumble": tumble, "hop": hop, "cumulate": cumulate, "session": sessions("name")} {
		t.Run(name, func(t *testing.T) {
			old := query("name, ", "COUNT(*) AS n, SUM(i) AS s, MAX(n) AS m", window)
			now := query("name, ", "MAX(n) AS m, AVG(x) AS a, COUNT(*) AS n, COUNT(x) AS c", window)
			keep := query("name, ", "MAX(n) AS m, COUNT(*) AS n", window)
			const n, cut = 300, 170
			in := rows(11, n)
			whole := open(t, plan(t, keep, 2), memory.New())
			whole.Feed(in, true)
			first := open(t, plan(t, old, 2), memory.New())
			first.Feed(in[:cut], false)
			emitted := len(first.Output())
			blobs := snapshottest.New()
			m := first.Save(blobs)
			p := plan(t, now, 3)
			second := open(t, p, restore(t, blobs, m, p, false))
			second.Feed(in[cut:], true)
			fresh := open(t, plan(t, now, 3), memory.New())
			fresh.Feed(in[cut:], true)
			got := cutOut(second.Output(), `,"a":`, `,"n":`)
			got = cutOut(got, `,"c":`, `}`)
			for _, row := range got {
				if !slices.Contains(whole.Output(), row) {
					t.Errorf("%s is no row of a job that was never stopped", row)
				}
			}
			if len(got)+emitted != len(whole.Output()) {
				t.Errorf("%d and %d rows, want %d", emitted, len(got), len(whole.Output()))
			}
			// What was added saw only the rows after the savepoint: where the window began after it, it is whole.
			some := 0
			for _, row := range fresh.Output() {
				if slices.Contains(second.Output(), row) {
					some++
				}
			}
			if some < 10 {
				t.Errorf("only %d of %d rows are those of a job that began at the savepoint", some, len(fresh.Output()))
			}
		})
	}
}

// cutOut leaves out of each row what is from one text up to another.
func cutOut(rows []string, from, to string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		before, rest, _ := strings.Cut(r, from)
		_, after, _ := strings.Cut(rest, to)
		out[i] = before + to + after
	}
	return out
}

// The state of an operator that the plan has no more is dropped on request, and the others go on.
func TestRemovedStateIsDroppedOnRequest(t *testing.T) {
	keep := insert("a", "name", query("name, ", "COUNT(*)", tumble), 1)
	in := rows(12, 240)
	first := open(t, plan(t, keep+insert("b", "k", query("k, ", "COUNT(*)", hop), 1), 2), memory.New())
	first.Feed(in[:110], false)
	blobs := snapshottest.New()
	m := first.Save(blobs)
	now := plan(t, keep, 2)
	if err := importAll(t, blobs, m, now); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "dropped") {
		t.Errorf("got %v", err)
	}
	second := open(t, now, restore(t, blobs, m, now, true))
	second.Feed(in[110:], true)
	whole := open(t, now, memory.New())
	whole.Feed(in, true)
	var got []string
	for _, v := range first.Log.Values("a") {
		got = append(got, string(v))
	}
	got = append(got, second.Output()...)
	slices.Sort(got)
	if !slices.Equal(got, whole.Output()) {
		t.Error(difference(got, whole.Output()))
	}
}

// Numbers become wider where each has a place in the new type, and are refused where one has not.
func TestTypesBecomeWider(t *testing.T) {
	text := func(functions string) string { return query("k, ", functions, tumble) }
	const old = "COUNT(*) AS c, SUM(i) AS s, AVG(i) AS a, MIN(i) AS m"
	in := rows(13, 200)
	first := open(t, plan(t, text(old), 2), memory.New())
	first.Feed(in[:100], false)
	blobs := snapshottest.New()
	m := first.Save(blobs)
	// The column i is a DOUBLE from here on, and nothing else is another.
	now := plan(t, text(old), 3)
	widened := planOver(t, text(old), 3, "i", types.Double)
	second := open(t, widened, restore(t, blobs, m, widened, false))
	second.Feed(in[100:], true)
	same := open(t, now, restore(t, blobs, m, now, false))
	same.Feed(in[100:], true)
	if got, want := second.Output(), same.Output(); !slices.Equal(got, want) || len(want) < 20 {
		t.Error(difference(got, want))
	}
	back := open(t, widened, memory.New())
	back.Feed(in[:100], false)
	blobs = snapshottest.New()
	m = back.Save(blobs)
	if err := importAll(t, blobs, m, now); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "was of DOUBLE") {
		t.Errorf("DOUBLE to INT: %v", err)
	}
	// A BIGINT may be no DOUBLE.
	big := plan(t, text("MAX(n) AS s"), 1)
	blobs, m = saved(t, big)
	if err := importAll(t, blobs, m, planOver(t, text("MAX(n) AS s"), 1, "n", types.Double)); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "max_n") {
		t.Errorf("a number that is no DOUBLE: %v", err)
	}
}
