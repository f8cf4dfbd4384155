package uploader

import (
	"testing"
	"time"
)

func TestProgressHoldsAnItemOnce(t *testing.T) {
	p := newProgress()
	first, ok := p.begin(2, "/w/b", 10, time.Now())
	if !ok {
		t.Fatal("a new item was there already")
	}
	if _, ok := p.begin(2, "/w/b", 10, time.Now()); ok {
		t.Error("one item is in two hands")
	}
	p.begin(1, "/w/a", 10, time.Now())
	p.doing(first, "sending")
	first.sent.Add(7)
	all := p.snapshot()
	if len(all) != 2 || all[0].Item != 1 || all[1].Sent != 7 || all[1].Doing != "sending" {
		t.Errorf("%+v", all)
	}
	p.end(2)
	if _, ok := p.begin(2, "/w/b", 10, time.Now()); !ok {
		t.Error("an item that ended cannot begin again")
	}
}
