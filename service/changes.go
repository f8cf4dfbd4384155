package service

import (
	"reflect"

	"scenario-drop/config"
)

// changes are what an edit of the config asks of a daemon at work. The zero value is an
// edit that changes no meaning: a comment, other blanks, keys in another order.
type changes struct {
	account  bool     // other credentials, project or host: another client for Scenario
	settings bool     // rules of folders, and limits: in place
	folders  bool     // what the watcher is to know of them: folder by folder
	rescan   []string // folders whose files are judged again, though they are watched as before
	level    bool     // of the log: in place
	page     bool     // who reaches the status page: in place
	later    []string // what takes effect with the next start, as it is called in the file
}

// any reports whether something changed.
func (c changes) any() bool { return !reflect.DeepEqual(c, changes{}) }

// diff compares what two configs mean. What is new to config.Config and comes to a Rule, a
// watcher.Folder or a limit is compared with it.
func diff(old, new *config.Config) changes {
	account := func(c *config.Config) [4]string {
		return [4]string{c.Scenario.BaseURL, c.Scenario.ProjectID, c.Scenario.Credentials.Key, c.Scenario.Credentials.Secret}
	}
	c := changes{
		account:  account(old) != account(new),
		settings: !reflect.DeepEqual(old.Upload, new.Upload) || !reflect.DeepEqual(watches(old), watches(new)),
		folders:  !reflect.DeepEqual(Folders(old, nil), Folders(new, nil)),
		level:    old.Log.Level != new.Log.Level,
		page:     !reflect.DeepEqual(old.Status, new.Status),
	}
	for _, w := range new.Watches {
		for _, before := range old.Watches {
			if before.Path == w.Path && before.MaxSize != w.MaxSize {
				c.rescan = append(c.rescan, w.Path)
			}
		}
	}
	for _, part := range []struct {
		name    string
		changed bool
	}{
		{"data_dir", old.DataDir != new.DataDir},
		{"listen under [status]", old.Status.Listen != new.Status.Listen},
		{"whether there is a tls_cert", (old.Status.Page.TLSCert == "") != (new.Status.Page.TLSCert == "")},
		{"format of [log]", old.Log.Format != new.Log.Format},
	} {
		if part.changed {
			c.later = append(c.later, part.name)
		}
	}
	return c
}

// watches are the folders of a config without where they stand in its file.
func watches(c *config.Config) []config.Watch {
	var all []config.Watch
	for _, w := range c.Watches {
		w.Line = 0
		all = append(all, w)
	}
	return all
}
