package balance

import (
	"maps"
	"slices"
	"testing"
)

func TestASecondWorkerGetsHalfOfEachStageAndNoMore(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 8, "b": 4}
	g.join("w0")
	g.settle()
	g.join("w1")
	g.settle()
	if g.moves != 6 {
		t.Errorf("%d moves", g.moves)
	}
	for _, w := range g.workers {
		count := map[string]int{}
		for task := range w.owned {
			count[task.Topic]++
		}
		if !maps.Equal(count, map[string]int{"a": 4, "b": 2}) {
			t.Errorf("%s has %v", w.name, count)
		}
	}
}

func TestWhatIsLeftOverOfManyStagesIsSpreadOverTheWorkers(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 1, "b": 1, "c": 1, "d": 1}
	for _, name := range []string{"w0", "w1", "w2", "w3"} {
		g.join(name)
		g.settle()
	}
	for _, w := range g.workers {
		if len(w.owned) != 1 {
			t.Errorf("%s has %v", w.name, w.owned)
		}
	}
}

func TestABusyTaskIsLeftAloneWhenAWorkerJoins(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 9}
	for i := range int32(9) {
		g.steps[Task{"a", i}] = 4
	}
	g.steps[Task{"a", 3}] = MaxStep // as much as the others together
	g.join("w0")
	g.settle()
	g.measure()
	g.join("w1")
	g.settle()
	busy := g.workers[slices.IndexFunc(g.workers, func(w *worker) bool { return w.owned[Task{"a", 3}] })]
	if len(busy.owned) != 1 {
		t.Errorf("with the busy task: %v", busy.owned)
	}
}

func TestTheTasksOfADeadWorkerGoToWhoHasTheirState(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 6}
	for _, name := range []string{"w0", "w1", "w2"} {
		g.join(name)
	}
	g.settle()
	dead := g.workers[2]
	var lost []Task
	for task := range dead.owned {
		g.heavy[task] = true
		lost = append(lost, task)
	}
	slices.SortFunc(lost, Task.Compare)
	g.workers[0].copies[lost[0]] = 10
	g.workers[1].copies[lost[0]] = 11
	g.workers[0].copies[lost[1]] = 1
	g.leave(2)
	if rounds := g.settle(); rounds != 1 {
		t.Errorf("%d rounds", rounds)
	}
	if !g.workers[1].owned[lost[0]] || !g.workers[0].owned[lost[1]] {
		t.Errorf("w2 had %v\n%v", lost, g)
	}
}

func TestATaskWithMuchStateWaitsForItsNextOwnerToBeWarm(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 8}
	for i := range int32(8) {
		g.heavy[Task{"a", i}] = true
	}
	g.join("w0")
	g.settle()
	w := g.join("w1")
	if g.rebalance() {
		t.Error("a task was taken away before anybody had warmed up")
	}
	if len(w.warmth) != 2 || len(w.owned) != 0 {
		t.Errorf("w1 has %v and warms up for %v", w.owned, w.warmth)
	}
	var first Task
	for first = range w.warmth {
		break
	}
	if g.rebalance() || len(w.warmth) != 2 {
		t.Errorf("another rebalance has w1 warm up for %v", w.warmth)
	}
	w.warmth[first] = Warm
	if !g.rebalance() || w.warmth[first] != Warm {
		t.Error("it is warm, and the task is not taken away, or it is not told to go on")
	}
	if g.rebalance() || !w.owned[first] || len(w.warmth) != 2 {
		t.Errorf("w1 has %v and warms up for %v", w.owned, w.warmth)
	}
	g.settle()
	if len(w.owned) != 4 || g.moves != 4 {
		t.Errorf("w1 has %v after %d moves", w.owned, g.moves)
	}
}

func TestNobodyWaitsForWorkersThatDoNotWarmUp(t *testing.T) {
	g := newGroup(t, 1)
	g.partitions = map[string]int32{"a": 8}
	for i := range int32(8) {
		g.heavy[Task{"a", i}] = true
	}
	g.join("w0")
	g.settle()
	g.join("w1").old = true
	if rounds := g.settle(); rounds != 2 || g.moves != 4 {
		t.Errorf("%d moves in %d rounds", g.moves, rounds)
	}
}

func TestTheWholeGroupWarmsUpForNoMoreThanItMay(t *testing.T) {
	g := newGroup(t, 1)
	g.limits = Limits{PerMember: 2, Total: 3}
	g.partitions = map[string]int32{"a": 16}
	for i := range int32(16) {
		g.heavy[Task{"a", i}] = true
	}
	g.join("w0")
	g.settle()
	for _, name := range []string{"w1", "w2", "w3"} {
		g.join(name)
	}
	total := 0
	for _, told := range g.decide().Notices {
		total += len(told)
	}
	if total != 3 {
		t.Errorf("%d at once", total)
	}
	g.settle()
	g.evenly()
}

func TestALoadAroundTheBoundOfAStepChangesNothing(t *testing.T) {
	for _, c := range []struct {
		busy   float64
		before uint8
		want   uint8
	}{
		{0, 0, 1},
		{1.0 / 64, 0, 1},
		{1.1 / 64, 0, 2},
		{0.5, 0, 6},
		{0.51, 0, 7},
		{1, 0, 7},
		{7, 0, 7},
		{0.52, 6, 6},
		{0.62, 6, 6},
		{0.63, 6, 7},
		{0.45, 7, 7},
		{0.39, 7, 6},
		{0, 7, 1},
		{1, 1, 7},
	} {
		if got := StepOf(c.busy, c.before); got != c.want {
			t.Errorf("%v of a processor, step %d before: %d, want %d", c.busy, c.before, got, c.want)
		}
	}
}

func TestOfTwoClaimsTheLaterGenerationIsRight(t *testing.T) {
	task := Task{"a", 0}
	p := Decide([]Member{
		{Name: "w0", Topics: []string{"a"}, Owned: []Task{task}, Generation: 3},
		{Name: "w1", Topics: []string{"a"}, Owned: []Task{task}, Generation: 4},
	}, map[string]int32{"a": 1}, Limits{})
	if p.Owners[task] != "w1" {
		t.Error(p)
	}
}

func TestATaskIsGivenToNobodyWhoDoesNotReadItsTopic(t *testing.T) {
	p := Decide([]Member{{Name: "w0", Topics: []string{"a"}}, {Name: "w1", Topics: []string{"a", "b"}}}, map[string]int32{"a": 2, "b": 4, "c": 1}, Limits{})
	for task, owner := range p.Owners {
		if task.Topic == "c" || task.Topic == "b" && owner != "w1" {
			t.Errorf("%v goes to %s", task, owner)
		}
	}
	if len(p.Owners) != 6 || len(Decide(nil, map[string]int32{"a": 1}, Limits{}).Owners) != 0 {
		t.Error(p)
	}
}
