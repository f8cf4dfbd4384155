package service

// A daemon works in the data directory that it began with, also after an edit of the config
// named another one. Until it ends it keeps that one, too: whoever goes by the edited config
// would begin a second ledger there and send every file again, and finds the daemon instead.

// keepNext keeps the data directory of the config in force, if that is not the daemon's own.
func (d *Daemon) keepNext(dir string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next != nil && d.next.dir == dir {
		return
	}
	d.releaseNext()
	if dir == d.Config.DataDir {
		return
	}
	next, err := lockAs(dir, Holder{Doing: d.Doing, In: d.Config.DataDir})
	if err != nil {
		d.Log.Warn("the data_dir that the config names now cannot be kept for the next start", "data_dir", dir, "why", err)
		return
	}
	d.next = next
}

// releaseNext lets go of it. d.mu is held.
func (d *Daemon) releaseNext() {
	if d.next == nil {
		return
	}
	if err := d.next.release(); err != nil {
		d.Log.Debug("the next data_dir could not be let go", "why", err)
	}
	d.next = nil
}

// WorkingDir is where the daemon works for which a data directory is kept: elsewhere, until
// it starts the next time, if moved is true.
func WorkingDir(dataDir string) (dir string, moved bool) {
	if h, held, err := LockHolder(dataDir); err == nil && held && h.In != "" {
		return h.In, true
	}
	return dataDir, false
}
