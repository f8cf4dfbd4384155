package uploader

import (
	"errors"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/scenario"
)

// always is a failure without end.
const always = -1

// expired is the error of a URL that storage says to be expired.
func expired() *scenario.Error {
	e := fakescenario.Status(fakescenario.Part, 403)
	e.Code = "AccessDenied"
	return e
}

// What each error of each call means for a file on its way: where it stands after one attempt, why, and
// when it is tried again. Guard's table says what an error means; this is what becomes of it.
func TestErrorsOnTheWay(t *testing.T) {
	const (
		create, part, complete, get = fakescenario.Create, fakescenario.Part, fakescenario.Complete, fakescenario.Get
		first                       = 750 * time.Millisecond // of 1 s, with the jitter that the uploader uses
	)
	status, lost, plan := fakescenario.Status, fakescenario.Lost, fakescenario.PlanLimit
	imported := func(name string, fail ...fakescenario.Failure) errorCase {
		return errorCase{name: name, fail: fail, state: drop.Imported}
	}
	for _, c := range []errorCase{
		imported("all is well"),

		imported("create: no network for a while", fakescenario.Failure{Op: create, Err: lost(create), Times: 20}),
		imported("create: the answer is lost", fakescenario.Failure{Op: create, Err: lost(create), Done: true}),
		imported("create: too many requests", fakescenario.Failure{Op: create, Err: status(create, 429), Times: 9}),
		imported("create: a fault that passes", fakescenario.Failure{Op: create, Err: status(create, 500), Times: 4}),
		imported("create: the key is refused for an hour", fakescenario.Failure{Op: create, Err: status(create, 401), Times: 6}),
		imported("create: a page of a hotel", fakescenario.Failure{Op: create, Err: status(create, 307), Times: 2}),
		{name: "create: a fault that stays", fail: fails(create, status(create, 500), always), state: drop.Queued, reason: drop.ReasonServerFault, due: first, attempts: 1},
		{name: "create: rejected", fail: fails(create, status(create, 422), always), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "create: no such call", fail: fails(create, status(create, 404), always), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "create: not allowed", fail: fails(create, status(create, 403), always), state: drop.Held, reason: drop.ReasonNotAllowed},
		{name: "create: a limit of the plan", fail: fails(create, plan(create), always), state: drop.Held, reason: drop.ReasonPlanLimit},
		{name: "create: something of our own", fail: fails(create, errors.New("no idea"), always), state: drop.Queued, reason: drop.ReasonError, due: first, attempts: 1},

		imported("part: no network for a while", fakescenario.Failure{Op: part, Err: lost(part), Times: 20}),
		imported("part: stored, the answer is lost", fakescenario.Failure{Op: part, Err: lost(part), Done: true}),
		imported("part: slow down", fakescenario.Failure{Op: part, Err: status(part, 503), Times: 3}),
		imported("part: the URL has expired", fakescenario.Failure{Op: part, Err: expired(), Times: 3}),
		imported("part: storage does not know the upload for a moment", fakescenario.Failure{Op: part, Err: status(part, 404), Times: 2}),
		{name: "part: a fault that stays", fail: fails(part, status(part, 500), always), state: drop.Uploading, reason: drop.ReasonServerFault, due: first, attempts: 1},
		{name: "part: no fresh URL helps", fail: fails(part, expired(), always), state: drop.Queued, reason: drop.ReasonStartedOver},
		{name: "part: refused by who knows whom", fail: fails(part, status(part, 403), always), state: drop.Uploading, reason: drop.ReasonError, due: first, attempts: 1},
		{name: "part: rejected", fail: fails(part, status(part, 400), always), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "part: fresh URLs cannot be asked for", fail: append(fails(part, expired(), 1), fails(get, status(get, 500), always)...), state: drop.Uploading, reason: drop.ReasonServerFault, due: first, attempts: 1},
		{name: "part: the upload is gone", fail: append(fails(part, expired(), 1), fails(get, status(get, 404), always)...), state: drop.Queued, reason: drop.ReasonStartedOver},

		imported("complete: it did not arrive", fakescenario.Failure{Op: complete, Err: lost(complete), Times: 3}),
		imported("complete: done, the answer is lost", fakescenario.Failure{Op: complete, Err: lost(complete), Done: true}),
		imported("complete: done, and a fault is answered", fakescenario.Failure{Op: complete, Err: status(complete, 502), Done: true}),
		imported("complete: done, and refused", fakescenario.Failure{Op: complete, Err: status(complete, 409), Done: true}),
		imported("complete: too many requests", fakescenario.Failure{Op: complete, Err: status(complete, 429), Times: 3}),
		imported("complete: refused once, all is sent again", fakescenario.Failure{Op: complete, Err: status(complete, 400)}),
		{name: "complete: refused twice", fail: fails(complete, status(complete, 400), 2), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "complete: a fault that stays", fail: fails(complete, status(complete, 500), always), state: drop.Completing, reason: drop.ReasonServerFault, due: first, attempts: 1},
		{name: "complete: not allowed", fail: fails(complete, status(complete, 403), always), state: drop.Held, reason: drop.ReasonNotAllowed},
		{name: "complete: a limit of the plan", fail: fails(complete, plan(complete), always), state: drop.Held, reason: drop.ReasonPlanLimit},
		{name: "complete: something of our own", fail: fails(complete, errors.New("no idea"), always), state: drop.Completing, reason: drop.ReasonError, due: first, attempts: 1},
		{name: "complete: lost, and what became of it cannot be asked", fail: append(fails(complete, lost(complete), 1), fails(get, status(get, 500), always)...),
			state: drop.Completing, reason: drop.ReasonServerFault, due: first, attempts: 1},
		{name: "complete: lost, and the upload is unknown", fail: append(fails(complete, lost(complete), 1), fails(get, status(get, 404), always)...),
			state: drop.Completing, reason: drop.ReasonUploadUnknown, due: first, attempts: 1},
		{name: "complete: lost, and the record may not be read", fail: append(fails(complete, lost(complete), 1), fails(get, status(get, 403), always)...),
			state: drop.Completing, reason: drop.ReasonNotAllowed, due: notAllowedRetry, attempts: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, size := range map[string]int{"small": small, "medium": medium} {
				t.Run(name, func(t *testing.T) { c.run(t, size) })
			}
		})
	}
}

type errorCase struct {
	name string
	fail []fakescenario.Failure

	state    drop.State
	reason   drop.Reason
	due      time.Duration
	attempts int
}

// fails are failures without the work being done.
func fails(op string, err error, times int) []fakescenario.Failure {
	return []fakescenario.Failure{{Op: op, Err: err, Times: times}}
}

func (c errorCase) run(t *testing.T, size int) {
	run(t, setup{}, func(r *rig) {
		content := r.png(size)
		it := r.save("a.png", content)
		r.Fail(c.fail...)
		r.work()
		got := r.stands(it, c.state, c.reason)
		if c.due != 0 {
			r.due(got, c.due)
		}
		if got.Attempts != c.attempts {
			r.Errorf("%d attempts are counted, want %d", got.Attempts, c.attempts)
		}
		// Nothing of it is lost or there twice: once all is well, and somebody has asked for what rests, it is one asset.
		r.Heal()
		if got.State == drop.Held || got.State == drop.Failed {
			must[int](r)(r.l.Retry(r.Context(), []string{got.Path}))
			r.u.AskAgain()
		}
		time.Sleep(notAllowedRetry)
		r.work()
		r.stands(it, drop.Imported, "")
		r.asset(it, content)
		if n := r.Count(fakescenario.Create); got.State == drop.Uploading && n != 1 {
			t.Errorf("in place of going on with the upload it had, it made %d", n)
		}
	})
}
