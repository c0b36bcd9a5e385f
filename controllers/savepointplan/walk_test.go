package savepointplan_test

import (
	"math/rand/v2"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/savepointplan"
)

// store is a small model of the job's control topic, its blob store, and the work that deletes data.
type store struct {
	t       *testing.T
	random  *rand.Rand
	o       *savepointplan.Observed
	made    savepointplan.Made
	asked   int
	data    bool
	removal *savepointplan.Removal
	gone    bool
}

// turn is one pass of the operator, which may die before, between or after its actions.
func (w *store) turn() {
	w.o.Made, w.o.Removal = nil, nil
	if w.o.Savepoint.Status.Phase == v1alpha1.SavepointInProgress {
		made := w.made
		w.o.Made = &made
	}
	if !w.o.Savepoint.DeletionTimestamp.IsZero() && w.removal != nil {
		removal := *w.removal
		w.o.Removal = &removal
	}
	d := savepointplan.Next(w.o)
	for _, a := range d.Actions {
		if w.random.IntN(8) == 0 {
			return
		}
		switch a.Kind {
		case savepointplan.AddFinalizer:
			w.o.Finalizer = true
		case savepointplan.Ask:
			if w.made.State == savepointplan.Absent {
				w.asked++
				w.made = savepointplan.Made{State: savepointplan.Asked, Deadline: a.Deadline}
			}
		case savepointplan.Cancel:
			w.made = savepointplan.Made{State: savepointplan.Failed, Reason: "cancelled"}
		case savepointplan.StartRemoval:
			if w.removal == nil {
				w.removal = &savepointplan.Removal{}
			}
		case savepointplan.ForgetRemoval:
			w.removal = nil
		case savepointplan.RemoveFinalizer:
			w.gone = true
			return
		}
	}
	if w.random.IntN(8) != 0 {
		w.o.Savepoint.Status = d.Status
	}
}

// world does what workers, the store, the clock and the user do meanwhile.
func (w *store) world() {
	w.o.Now = w.o.Now.Add(time.Duration(w.random.IntN(20)) * time.Second)
	if w.made.State == savepointplan.Asked && w.random.IntN(3) == 0 {
		w.data = true // files come before the word that it is there
		if w.random.IntN(2) == 0 {
			w.made = savepointplan.Made{State: savepointplan.Finished}
		}
	}
	if w.made.State == savepointplan.Finished && w.random.IntN(6) == 0 {
		w.made = savepointplan.Made{} // the topic forgets what is over
	}
	if w.removal != nil && !w.removal.Done && !w.removal.Failed {
		switch w.random.IntN(6) {
		case 0:
			w.removal.Failed, w.removal.Since = true, w.o.Now
			w.data = w.data && w.random.IntN(2) == 0
		case 1:
			w.removal.Done, w.data = true, false
		default:
		}
	}
	if w.o.Savepoint.DeletionTimestamp.IsZero() && w.random.IntN(10) == 0 {
		at := metav1.NewTime(w.o.Now)
		w.o.Savepoint.DeletionTimestamp = &at
		w.gone = !w.o.Finalizer
	}
}

// Whenever the operator dies: a record that says Completed has its data, and one that is gone has left none unless it was tried for long.
func TestNoRecordWithoutDataSaysThatItIsThere(t *testing.T) {
	completed := 0
	for seed := range uint64(3000) {
		w := &store{t: t, random: rand.New(rand.NewPCG(seed, 7)), o: observed()}
		w.o.Finalizer = false
		for range 400 {
			if w.turn(); w.gone {
				break
			}
			phase := w.o.Savepoint.Status.Phase
			if phase == v1alpha1.SavepointCompleted {
				completed++
				if !w.data {
					t.Fatalf("seed %d: it says Completed and has no data", seed)
				}
			}
			if w.world(); w.gone {
				break
			}
		}
		if !w.gone {
			t.Fatalf("seed %d: it never goes: %+v", seed, w.o.Savepoint.Status)
		}
		tried := w.o.Now.Sub(w.o.Savepoint.DeletionTimestamp.Time) >= 30*time.Minute
		if w.data && !tried {
			t.Fatalf("seed %d: it left data behind: %+v", seed, w.o.Savepoint.Status)
		}
	}
	if completed == 0 {
		t.Error("none was ever completed")
	}
}
