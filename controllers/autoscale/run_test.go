package autoscale_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/autoscale"
)

// constant, step, ramp and wave are how rows arrive, in rows a second.
func constant(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}

func step(low, high float64, from, to time.Duration) func(time.Duration) float64 {
	return func(after time.Duration) float64 {
		if after >= from && after < to {
			return high
		}
		return low
	}
}

func ramp(low, high float64, from, to time.Duration) func(time.Duration) float64 {
	return func(after time.Duration) float64 {
		part := float64(after-from) / float64(to-from)
		return low + (high-low)*min(1, max(0, part))
	}
}

func wave(low, high float64, period time.Duration) func(time.Duration) float64 {
	return func(after time.Duration) float64 {
		return low + (high-low)*(1-math.Cos(2*math.Pi*float64(after)/float64(period)))/2
	}
}

// The scenarios are those of the pictures in docs/autoscaling.
func scenarios() map[string]*scenario {
	eager, careful, toZero := usual(), usual(), usual()
	eager.ScaleDownDelay, eager.CatchUp = time.Minute, time.Minute
	careful.ScaleDownDelay, careful.Target, careful.CatchUp = 30*time.Minute, 0.5, 30*time.Minute
	toZero.ZeroAfter = 10 * time.Minute
	fiveFold := step(6000, 30_000, 10*time.Minute, 30*time.Minute)
	day := wave(3000, 60_000, 24*time.Hour)
	return map[string]*scenario{
		"step":         {policy: usual(), workers: 1, lasts: time.Hour, arrives: fiveFold},
		"step-eager":   {policy: eager, workers: 1, lasts: time.Hour, arrives: fiveFold},
		"step-careful": {policy: careful, workers: 2, lasts: 90 * time.Minute, arrives: fiveFold},
		"ramp":         {policy: usual(), workers: 1, lasts: 90 * time.Minute, arrives: ramp(5000, 80_000, 10*time.Minute, time.Hour)},
		"day":          {policy: usual(), workers: 1, lasts: 48 * time.Hour, arrives: day},
		"spikes": {policy: usual(), workers: 2, lasts: time.Hour, arrives: func(after time.Duration) float64 {
			if after%(12*time.Minute) > 10*time.Minute+45*time.Second {
				return 40_000
			}
			return 9000
		}},
		"dead-partition": {policy: usual(), workers: 2, lasts: 40 * time.Minute, arrives: constant(12_000), happens: func(m *model, after time.Duration) {
			m.dead[3] = after >= 10*time.Minute && after < 25*time.Minute
		}},
		"outage": {policy: usual(), workers: 1, lasts: 40 * time.Minute, arrives: step(6000, 30_000, 12*time.Minute, time.Hour), happens: func(m *model, after time.Duration) {
			m.silent = after >= 10*time.Minute && after < 20*time.Minute
		}},
		"skew": {policy: usual(), workers: 3, lasts: 40 * time.Minute, arrives: step(15_000, 40_000, 10*time.Minute, time.Hour), happens: func(m *model, _ time.Duration) {
			for p := range m.share {
				m.share[p] = 0.4 / (sources - 1)
			}
			m.share[5] = 0.6
		}},
		"ineffective": {policy: usual(), workers: 2, lasts: time.Hour, arrives: step(12_000, 40_000, 10*time.Minute, 2*time.Hour), happens: func(m *model, _ time.Duration) {
			m.ceiling = 14_000
			for i := range m.tasks { // what is waited for is time in use, as where a server is asked for each row
				if m.tasks[i].stage == "source" {
					m.tasks[i].cost = float64(max(1, m.ready)) / m.ceiling
				}
			}
		}},
		"zero": {policy: toZero, workers: 2, lasts: 90 * time.Minute, arrives: func(after time.Duration) float64 {
			if after < 15*time.Minute || after >= 60*time.Minute {
				return 9000
			}
			return 0
		}},
	}
}

func TestAFiveFoldStepHasItsCapacityDecidedWithinNinetySeconds(t *testing.T) {
	for name, s := range scenarios() {
		if !strings.HasPrefix(name, "step") {
			continue
		}
		for seed := range uint64(8) {
			r := s.play(t, seed)
			const begin, needs = 10 * time.Minute, 3 // 30 000 rows a second, of 10 000 a worker
			decided := 0
			for _, c := range r.changes {
				if c.after >= begin && c.after <= begin+90*time.Second {
					decided = max(decided, c.to)
				}
			}
			if float64(decided)*s.policy.Target < needs {
				t.Fatalf("%s, seed %d: %d workers were decided within 90 s, and %d are needed at %.0f %%:\n%s", name, seed, decided, needs, 100*s.policy.Target, r.tell())
			}
			if name == "step" && len(r.changes) > 1 && r.changes[1].to > r.changes[1].from {
				t.Fatalf("%s, seed %d: more than one rise:\n%s", name, seed, r.tell())
			}
			if last := r.moments[28*60]; last.lag > last.arrives {
				t.Fatalf("%s, seed %d: %.0f records wait after 18 minutes", name, seed, last.lag)
			}
		}
	}
}

// One step up and one down may bring a rise with a fall behind it, when the backlog is gone, and a fall: never a second rise.
func TestAStepMakesNoMoreThanOneOscillation(t *testing.T) {
	for seed := range uint64(24) {
		m := newModel(seed, 1)
		low, high := 2000+m.r.Float64()*20_000, 1.2+m.r.Float64()*6
		s := &scenario{policy: usual(), workers: int(1 + low/7000), lasts: time.Hour, arrives: step(low, low*high, 20*time.Minute, 2*time.Hour), settle: time.Duration(5+m.r.IntN(90)) * time.Second}
		s.policy.Target, s.policy.CatchUp = 0.5+0.4*m.r.Float64(), time.Duration(1+m.r.IntN(20))*time.Minute
		r := s.play(t, seed)
		after := &run{}
		for _, c := range r.changes {
			if c.after >= 20*time.Minute {
				after.changes = append(after.changes, c)
			}
		}
		if n := after.turns(); n > 1 {
			t.Errorf("seed %d: from %.0f to %.0f rows/s, %d turns:\n%s", seed, low, low*high, n, r.tell())
		}
	}
}

// Whatever happens, the bounds hold and nothing is done without data: play looks at each decision.
func TestWhateverHappensTheBoundsHoldAndNothingIsDoneWithoutData(t *testing.T) {
	for seed := range uint64(24) {
		m := newModel(seed, 1)
		r := m.r
		s := &scenario{policy: usual(), workers: 1 + r.IntN(8), lasts: time.Hour, settle: time.Duration(r.IntN(400)) * time.Second}
		s.policy.Min = 1 + r.IntN(3)
		s.policy.Max = s.policy.Min + r.IntN(20)
		if r.IntN(2) == 0 {
			s.policy.ZeroAfter = time.Duration(1+r.IntN(10)) * time.Minute
		}
		rates := make([]float64, 13)
		for i := range rates {
			rates[i] = max(0, r.Float64()*90_000-15_000)
		}
		s.arrives = func(after time.Duration) float64 { return rates[int(after/(5*time.Minute))] }
		s.happens = func(m *model, _ time.Duration) {
			switch m.r.IntN(600) {
			case 0:
				m.silent = !m.silent
			case 1:
				m.dead[m.r.IntN(sources)] = m.r.IntN(2) == 0
			case 2:
				m.share[m.r.IntN(sources)] = m.r.Float64() / 2
			}
		}
		s.play(t, seed)
	}
}

func TestAnOutageOfTheMetricsHoldsTheNumberAndIsSaid(t *testing.T) {
	r := scenarios()["outage"].play(t, 1)
	for _, c := range r.changes {
		if c.after >= 10*time.Minute && c.after < 20*time.Minute {
			t.Errorf("changed meanwhile: %+v", c)
		}
	}
	if r.said[autoscale.MetricsMissing] < 500 {
		t.Errorf("said %v", r.said)
	}
	if len(r.changes) == 0 || r.changes[0].after > 22*time.Minute {
		t.Errorf("the step is not followed afterwards:\n%s", r.tell())
	}
}

func TestASkewedStageIsSaidAndNotScaled(t *testing.T) {
	r := scenarios()["skew"].play(t, 1)
	if r.said[autoscale.Skewed] < 600 {
		t.Errorf("said %v\n%s", r.said, r.tell())
	}
	for _, m := range r.moments {
		if m.wanted > 5 {
			t.Fatalf("%d workers at %v:\n%s", m.wanted, m.after, r.tell())
		}
	}
	found := false
	for _, d := range r.decisions {
		for _, c := range d.Conditions {
			found = found || c.Aspect == autoscale.SkewDetected && c.Holds && strings.Contains(c.Message, "source/5")
		}
	}
	if !found {
		t.Error("the task is not named")
	}
}

func TestADeadPartitionIsNoNeed(t *testing.T) {
	r := scenarios()["dead-partition"].play(t, 1)
	for _, c := range r.changes {
		if c.after >= 10*time.Minute && c.after < 25*time.Minute && c.to > c.from {
			t.Errorf("scaled up for it:\n%s", r.tell())
		}
	}
	found := false
	for _, d := range r.decisions {
		for _, c := range d.Conditions {
			found = found || c.Reason == autoscale.PartitionStuck && strings.Contains(c.Message, "source/3")
		}
	}
	if !found {
		t.Error("the partition is not named")
	}
}

func TestWorkersThatBringNothingAreHeld(t *testing.T) {
	r := scenarios()["ineffective"].play(t, 1)
	if r.said[autoscale.Ineffective] < 600 {
		t.Errorf("said %v\n%s", r.said, r.tell())
	}
	rises := 0
	for _, c := range r.changes {
		if c.to > c.from {
			rises++
		}
	}
	if rises > 4 {
		t.Errorf("%d rises:\n%s", rises, r.tell())
	}
}

func TestAJobWithoutInputRestsAndWakes(t *testing.T) {
	r := scenarios()["zero"].play(t, 1)
	var zero, woken time.Duration
	for _, c := range r.changes {
		switch {
		case c.to == 0 && zero == 0:
			zero = c.after
		case c.from == 0 && woken == 0:
			woken = c.after
		}
	}
	if zero < 25*time.Minute || zero > 27*time.Minute || woken < time.Hour || woken > time.Hour+15*time.Second {
		t.Errorf("at zero after %v, woken after %v:\n%s", zero, woken, r.tell())
	}
}

func TestADayIsFollowedWithFewChanges(t *testing.T) {
	r := scenarios()["day"].play(t, 1)
	most, used, needed := 0.0, 0.0, 0.0
	for _, m := range r.moments {
		most = max(most, m.lag/m.arrives)
		used += float64(m.wanted)
		needed += m.arrives / 10_000 / 0.7
	}
	if len(r.changes) > 60 || most > 60 || used > 1.6*needed {
		t.Errorf("%d changes, %.0f s behind at the most, %.2f times the workers that are needed:\n%s", len(r.changes), most, used/needed, r.tell())
	}
}
