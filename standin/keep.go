package standin

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Files of Options.Keep, beside the bytes.
const (
	recordsFile = "records.jsonl"
	recordsLock = "records.lock"
)

// ErrInUse says that another server keeps its records in the same Dir.
var ErrInUse = errors.New("another stand-in is using this folder")

// journal is where records are kept: a line of JSON for each change, appended before the
// change is answered. Reading them all in order gives the state again. What a kill leaves
// is whole but for the last line; a power cut may take the last few.
type journal struct {
	file *os.File
	end  int64 // of the last whole line
	lock *flock.Flock
}

// record is one line: exactly one field is set.
type record struct {
	Server     *serverRecord     `json:"server,omitempty"`
	Upload     *uploadRecord     `json:"upload,omitempty"` // the whole record but its parts
	Part       *partRecord       `json:"part,omitempty"`
	Entity     *entityRecord     `json:"entity,omitempty"`
	Collection *collectionRecord `json:"collection,omitempty"`
	Members    *membersRecord    `json:"members,omitempty"` // added to a collection
	Tags       *tagsRecord       `json:"tags,omitempty"`
	Deleted    string            `json:"deleted,omitempty"` // id
}

// serverRecord is the first line.
type serverRecord struct {
	ID      string `json:"id"`
	SignKey []byte `json:"signKey"`
}

type uploadRecord struct {
	ID         string        `json:"id"`
	Project    string        `json:"project"`
	FileName   string        `json:"fileName"`
	Kind       string        `json:"kind"`
	MIME       string        `json:"mime"`
	Size       int64         `json:"size"`
	Count      int           `json:"count"`
	Options    *assetOptions `json:"options,omitempty"`
	Created    time.Time     `json:"created"`
	Updated    time.Time     `json:"updated"`
	Status     string        `json:"status"`
	EntityID   string        `json:"entityId,omitempty"`
	EntityMade bool          `json:"entityMade,omitempty"`
	Message    string        `json:"message,omitempty"`
	JobID      string        `json:"jobId,omitempty"`
	Steps      []jobStep     `json:"steps,omitempty"`
}

type partRecord struct {
	Upload string `json:"upload"`
	Number int    `json:"number"`
	Size   int64  `json:"size"`
	Puts   int    `json:"puts"`
	ETag   string `json:"etag"`
	File   string `json:"file"` // below Dir, as of objects: the folder may be moved
}

type entityRecord struct {
	ID       string    `json:"id"`
	Project  string    `json:"project"`
	Kind     string    `json:"kind"`
	Name     string    `json:"name"`
	MIME     string    `json:"mime"`
	SHA256   string    `json:"sha256,omitempty"`
	ParentID string    `json:"parentId,omitempty"`
	UploadID string    `json:"uploadId,omitempty"`
	Size     int64     `json:"size"`
	Hide     bool      `json:"hide,omitempty"`
	Created  time.Time `json:"created"`
	Files    []string  `json:"files"`
	Model    bool      `json:"model,omitempty"`
	Tags     []string  `json:"tags,omitempty"`
}

// tagsRecord is all tags of an asset or model after a change of them.
type tagsRecord struct {
	Entity string   `json:"entity"`
	Tags   []string `json:"tags"`
}

type collectionRecord struct {
	ID      string    `json:"id"`
	Project string    `json:"project"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
}

type membersRecord struct {
	Collection string    `json:"collection"`
	At         time.Time `json:"at"`
	Assets     []string  `json:"assets,omitempty"`
	Models     []string  `json:"models,omitempty"`
}

// openRecords reads what a server before kept in Dir and makes it this server's state.
func (s *Server) openRecords() (err error) {
	lock := flock.New(filepath.Join(s.dir, recordsLock), flock.SetPermissions(0o600))
	mine, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock the records: %w", err)
	}
	if !mine {
		return ErrInUse
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.Unlock())
		}
	}()
	name := filepath.Join(s.dir, recordsFile)
	if err := s.readRecords(name); err != nil {
		return fmt.Errorf("read the records in %s: %w", name, err)
	}
	file, end, err := s.rewriteRecords(name)
	if err != nil {
		return fmt.Errorf("write the records in %s: %w", name, err)
	}
	s.journal = &journal{file: file, end: end, lock: lock}
	return nil
}

func (s *Server) readRecords(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // a line without an end was being written when the server was killed
		}
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("line %d is damaged (move the folder away to begin with an empty account): %w", number, err)
		}
		s.restore(r)
	}
}

// restore does again what a record tells.
func (s *Server) restore(r record) {
	st := &s.state
	switch {
	case r.Server != nil:
		s.id, s.signKey = r.Server.ID, r.Server.SignKey
	case r.Upload != nil:
		u := st.uploads[r.Upload.ID]
		if u == nil {
			u = &upload{parts: map[int]*part{}}
			defer func() { st.addUpload(u) }()
		}
		r.Upload.restore(u)
		if u.jobID != "" {
			st.jobs[u.jobID] = u
		}
	case r.Part != nil:
		if u := st.uploads[r.Part.Upload]; u != nil {
			u.parts[r.Part.Number] = &part{size: r.Part.Size, puts: r.Part.Puts, etag: r.Part.ETag, file: s.below(r.Part.File)}
			u.bytes += r.Part.Size
		}
	case r.Entity != nil:
		e := r.Entity
		o := object{size: e.Size}
		for _, f := range e.Files {
			o.files = append(o.files, s.below(f))
		}
		st.addEntity(&entity{id: e.ID, project: e.Project, kind: e.Kind, name: e.Name, mime: e.MIME, sha256: e.SHA256, parentID: e.ParentID,
			uploadID: e.UploadID, size: e.Size, hide: e.Hide, created: e.Created, object: o, model: e.Model, tags: e.Tags})
	case r.Collection != nil:
		c := r.Collection
		st.addCollection(&collection{id: c.ID, project: c.Project, name: c.Name, created: c.Created, updated: c.Created})
	case r.Members != nil:
		if c := st.collections[r.Members.Collection]; c != nil {
			c.assets = append(c.assets, r.Members.Assets...)
			c.models = append(c.models, r.Members.Models...)
			c.updated = r.Members.At
		}
	case r.Tags != nil:
		if e := st.assets[r.Tags.Entity]; e != nil {
			e.tags = r.Tags.Tags
		} else if e := st.models[r.Tags.Entity]; e != nil {
			e.tags = r.Tags.Tags
		}
	case r.Deleted != "":
		st.delete(r.Deleted)
	}
}

func (s *Server) below(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

func (r *uploadRecord) restore(u *upload) {
	u.id, u.project, u.fileName, u.kind, u.mime, u.size, u.count = r.ID, r.Project, r.FileName, r.Kind, r.MIME, r.Size, r.Count
	u.options, u.created, u.updated, u.status = r.Options, r.Created, r.Updated, r.Status
	u.entityID, u.entityMade, u.message, u.jobID, u.steps = r.EntityID, r.EntityMade, r.Message, r.JobID, r.Steps
}

// rewriteRecords puts a journal without what is overtaken in the place of the old one,
// and leaves it open for what follows.
func (s *Server) rewriteRecords(name string) (file *os.File, end int64, err error) {
	var text bytes.Buffer
	if s.id == "" {
		s.id = "account_" + rand.Text()
	}
	for _, r := range s.allRecords() {
		if err := appendRecord(&text, r); err != nil {
			return nil, 0, err
		}
	}
	next := name + ".new"
	file, err = os.OpenFile(next, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, 0, err
	}
	_, err = file.Write(text.Bytes())
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(next, name)
	}
	if err == nil {
		file, err = os.OpenFile(name, os.O_RDWR, 0o600)
	}
	if err == nil {
		end, err = file.Seek(0, io.SeekEnd)
	}
	return file, end, err
}

func appendRecord(text *bytes.Buffer, r record) error {
	return json.NewEncoder(text).Encode(r) // which ends the line
}

// allRecords is the state as the shortest journal that gives it.
func (s *Server) allRecords() []record {
	all := []record{{Server: &serverRecord{ID: s.id, SignKey: s.signKey}}}
	for _, u := range s.state.uploadOrder {
		all = append(all, uploadAsRecord(u))
		for n, p := range u.parts {
			all = append(all, s.partAsRecord(u, n, p))
		}
	}
	for _, e := range s.state.entityOrder {
		all = append(all, s.entityAsRecord(e))
	}
	for _, c := range s.state.collOrder {
		all = append(all, collectionAsRecord(c), record{Members: &membersRecord{Collection: c.id, At: c.updated, Assets: c.assets, Models: c.models}})
	}
	return all
}

func uploadAsRecord(u *upload) record {
	return record{Upload: &uploadRecord{
		ID: u.id, Project: u.project, FileName: u.fileName, Kind: u.kind, MIME: u.mime, Size: u.size, Count: u.count,
		Options: u.options, Created: u.created, Updated: u.updated, Status: u.status, EntityID: u.entityID, EntityMade: u.entityMade,
		Message: u.message, JobID: u.jobID, Steps: u.steps,
	}}
}

func (s *Server) partAsRecord(u *upload, number int, p *part) record {
	return record{Part: &partRecord{Upload: u.id, Number: number, Size: p.size, Puts: p.puts, ETag: p.etag, File: s.relative(p.file)}}
}

func (s *Server) entityAsRecord(e *entity) record {
	files := make([]string, 0, len(e.object.files))
	for _, f := range e.object.files {
		files = append(files, s.relative(f))
	}
	return record{Entity: &entityRecord{ID: e.id, Project: e.project, Kind: e.kind, Name: e.name, MIME: e.mime, SHA256: e.sha256,
		ParentID: e.parentID, UploadID: e.uploadID, Size: e.size, Hide: e.hide, Created: e.created, Files: files, Model: e.model, Tags: e.tags}}
}

func collectionAsRecord(c *collection) record {
	return record{Collection: &collectionRecord{ID: c.id, Project: c.project, Name: c.name, Created: c.created}}
}

func (s *Server) relative(file string) string {
	rel, err := filepath.Rel(s.dir, file)
	if err != nil {
		return file // cannot be: all our files are below dir
	}
	return filepath.ToSlash(rel)
}

// keep appends records to the journal, where there is one. It needs Server.mu, so that
// they stand there in the order in which they happened.
func (s *Server) keep(records ...record) {
	j := s.journal
	if j == nil {
		return
	}
	var text bytes.Buffer
	for _, r := range records {
		if err := appendRecord(&text, r); err != nil {
			s.log.Error("the stand-in could not keep a record", "error", err)
			return
		}
	}
	n, err := j.file.Write(text.Bytes())
	if err == nil {
		j.end += int64(n)
		return
	}
	// Half a line would spoil the next one.
	_, seek := j.file.Seek(j.end, io.SeekStart)
	s.log.Error("the stand-in could not keep a record: after a restart it will not know of it", "error", errors.Join(err, j.file.Truncate(j.end), seek))
}

// closeRecords ends the keeping of records.
func (s *Server) closeRecords() {
	if s.journal == nil {
		return
	}
	if err := errors.Join(s.journal.file.Sync(), s.journal.file.Close(), s.journal.lock.Unlock()); err != nil {
		s.log.Error("the stand-in could not close its records", "error", err)
	}
}

// resumeImports goes on with the imports that a server before left half-way.
func (s *Server) resumeImports() {
	s.mu.Lock()
	var halfway []*upload
	for _, u := range s.state.uploadOrder {
		if u.status != statusPending && u.status != statusImported && u.status != statusFailed {
			halfway = append(halfway, u)
		}
	}
	s.mu.Unlock()
	for _, u := range halfway {
		s.importers.Go(func() {
			obj, problem, err := s.assemble(s.ctx, u)
			if err != nil || problem != "" {
				s.log.Error("the stand-in cannot go on with an import", "upload", u.id, "problem", problem, "error", err)
				s.fail(u, "the parts of the upload are gone")
				return
			}
			s.importObject(s.ctx, u, obj)
		})
	}
}
