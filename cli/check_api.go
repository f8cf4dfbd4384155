package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/config"
	"scenario-drop/scenario"
)

// clockSkewWorthSaying is how far this computer's clock may be off. Part URLs are signed
// with the time and valid for minutes to hours.
const clockSkewWorthSaying = 5 * time.Minute

// checkTimeout is how long one question of a check may take.
const checkTimeout = 30 * time.Second

// apiCheck is what became of asking Scenario.
type apiCheck struct {
	BaseURL     string   `json:"base_url"`
	Project     string   `json:"project,omitempty"` // "": the key's default project
	Credentials string   `json:"credentials"`       // where they are from
	Reachable   bool     `json:"reachable"`
	KeyAccepted bool     `json:"key_accepted"`
	ClockSkew   int      `json:"clock_skew_seconds"` // how far this computer is ahead; 0 also when not known
	Trouble     string   `json:"trouble,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`

	parents map[string]string // what is wrong with parent_id, by folder
}

func (c apiCheck) text() string {
	project := "the key's default project"
	if c.Project != "" {
		project = "the project " + c.Project
	}
	return fmt.Sprintf("Scenario (%s) takes the API key (from: %s) for %s.", c.BaseURL, c.Credentials, project)
}

// troubleText says what asking Scenario came to.
func (c apiCheck) troubleText(err error) string {
	if scenario.ClassOf(err) == scenario.Refused {
		return fmt.Sprintf("Scenario (%s) refuses the API key (from: %s), or its use for this project. Correct the key, its secret or project_id. (%v)", c.BaseURL, c.Credentials, err)
	}
	return fmt.Sprintf("Scenario (%s) could not be asked: %s Check the network and base_url.", c.BaseURL, fullStop(err.Error()))
}

// collectionCheck is what became of looking for one collection.
type collectionCheck struct {
	ID          string   `json:"id,omitempty"`
	Name        string   `json:"name,omitempty"`
	ByName      bool     `json:"by_name"` // the config names it by name
	Exists      bool     `json:"exists"`
	WillBeMade  bool     `json:"will_be_made"`
	Folders     []string `json:"folders"`
	Unreachable bool     `json:"unreachable,omitempty"`
	Trouble     string   `json:"trouble,omitempty"`
	Others      []string `json:"others,omitempty"` // ids of further collections of the same name
}

// warning says that a name means several collections; "" where it does not.
func (c collectionCheck) warning() string {
	if len(c.Others) == 0 {
		return ""
	}
	return fmt.Sprintf("%s are called %q: %s, which the files join, and %s. Name the one you mean by its id in collection_ids, or rename the others at Scenario.",
		count(1+len(c.Others), "collection", "collections"), c.Name, c.ID, strings.Join(c.Others, ", "))
}

func (c collectionCheck) text() string {
	if c.WillBeMade {
		return fmt.Sprintf("The collection %q does not exist yet and will be made.", c.Name)
	}
	return fmt.Sprintf("The collection %q exists (%s).", c.Name, c.ID)
}

// checkAPI asks Scenario for the list of collections, which tells whether the key is
// good, and for each collection that the config names by id.
func checkAPI(ctx context.Context, c *config.Config) (*apiCheck, []collectionCheck, error) {
	out := &apiCheck{BaseURL: c.Scenario.BaseURL, Project: c.Scenario.ProjectID, Credentials: c.Scenario.Credentials.Source}
	clock := &serverClock{next: scenario.NewTransport()}
	client, err := scenario.New(scenario.Options{BaseURL: c.Scenario.BaseURL, Key: c.Scenario.Credentials.Key, Secret: c.Scenario.Credentials.Secret,
		ProjectID: c.Scenario.ProjectID, Timeout: checkTimeout, Transport: clock})
	if err != nil {
		return nil, nil, err
	}
	defer client.CloseIdleConnections()
	byName := map[string][]scenario.Collection{}
	for found, err := range client.Collections(ctx) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err = client.Forbids(ctx, err); scenario.ClassOf(err) == scenario.Forbidden {
			out.Warnings = append(out.Warnings, fmt.Sprintf("The API key works, but may not list collections (%v). Collections that the config names by name cannot be found with it.", err))
			break
		}
		if err != nil {
			out.Trouble, out.Reachable = out.troubleText(err), reached(err)
			return out, []collectionCheck{}, nil
		}
		name := norm.NFC.String(found.Name)
		byName[name] = append(byName[name], found)
	}
	out.Reachable, out.KeyAccepted = true, true
	if skew := clock.skew(); skew.Abs() > clockSkewWorthSaying {
		out.ClockSkew = int(skew.Seconds())
		out.Warnings = append(out.Warnings, skewText(skew))
	}
	out.parents = checkParents(ctx, client, c)
	all, err := checkCollections(ctx, client, c, byName)
	return out, all, err
}

// reached reports whether an error is Scenario's answer rather than none.
func reached(err error) bool {
	switch scenario.ClassOf(err) {
	case scenario.Network, scenario.Garbled, 0:
		return false
	}
	return true
}

func skewText(skew time.Duration) string {
	which := "ahead of"
	if skew < 0 {
		which = "behind"
	}
	return fmt.Sprintf("The clock of this computer is %s %s Scenario's. Set it right, or uploads may be refused.", skew.Abs().Round(time.Second), which)
}

// checkParents asks for the assets that parent_id names. It returns what is wrong, by folder.
func checkParents(ctx context.Context, client *scenario.Client, c *config.Config) map[string]string {
	trouble := map[string]string{}
	for _, w := range c.Watches {
		if w.ParentID == "" {
			continue
		}
		a, err := client.GetAsset(ctx, w.ParentID)
		if scenario.ClassOf(err) == scenario.NotFound || err == nil && !a.DeletedAt.IsZero() {
			trouble[w.Path] = fmt.Sprintf("The asset %s, which parent_id names for the folder %s, does not exist (or not in this project). Correct parent_id; files are sent without a parent until then.", w.ParentID, w.Path)
		}
	}
	return trouble
}

func checkCollections(ctx context.Context, client *scenario.Client, c *config.Config, byName map[string][]scenario.Collection) ([]collectionCheck, error) {
	all := []collectionCheck{}
	add := func(n collectionCheck, folder string) {
		i := slices.IndexFunc(all, func(o collectionCheck) bool { return o.ByName == n.ByName && o.ID == n.ID && o.Name == n.Name })
		if i < 0 {
			all, i = append(all, n), len(all)
		}
		all[i].Folders = append(all[i].Folders, folder)
	}
	for _, w := range c.Watches {
		for _, id := range w.CollectionIDs {
			add(collectionCheck{ID: id}, w.Path)
		}
		for _, name := range w.Collections {
			add(collectionCheck{Name: norm.NFC.String(name), ByName: true}, w.Path)
		}
	}
	for i := range all {
		n := &all[i]
		if n.ByName {
			found := byName[n.Name]
			n.Exists, n.WillBeMade = len(found) > 0, len(found) == 0
			for i, c := range found {
				if i == 0 {
					n.ID = c.ID
				} else {
					n.Others = append(n.Others, c.ID)
				}
			}
			continue
		}
		found, err := client.GetCollection(ctx, n.ID)
		switch {
		case err == nil:
			n.Name, n.Exists = found.Name, true
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case scenario.ClassOf(err) == scenario.NotFound:
			n.Trouble = fmt.Sprintf("The collection %s, which collection_ids names for %s, does not exist (or not in this project). Correct collection_ids or project_id; the files wait until then.",
				n.ID, strings.Join(n.Folders, ", "))
		default:
			n.Trouble, n.Unreachable = fmt.Sprintf("The collection %s could not be looked at: %v", n.ID, err), scenario.ClassOf(err).Retryable()
		}
	}
	return all, nil
}

// serverClock is a transport that checks the server's clock in passing.
type serverClock struct {
	next *http.Transport

	mu   sync.Mutex
	last time.Duration // how far we are ahead
}

func (s *serverClock) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if theirs, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		s.mu.Lock()
		s.last = time.Since(theirs)
		s.mu.Unlock()
	}
	return resp, nil
}

func (s *serverClock) CloseIdleConnections() { s.next.CloseIdleConnections() }

// skew is how far this computer's clock is ahead of the server's, by its last answer.
func (s *serverClock) skew() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
