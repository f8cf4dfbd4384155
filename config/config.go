// Package config reads config.toml: what it says, what it leaves out, and everything
// that is wrong with it, all at once and each with its place in the file.
//
// Rules for the whole file:
//   - Keys are written exactly as documented, in lower case. A key in another case is
//     an unknown key with a hint, so that `Path` and `path` can never stand side by
//     side with one of them silently winning.
//   - A leading "~/" is the home directory that the file lies in, if it is in a home's
//     config folder, else that of the user the program runs as. A relative
//     path is relative to the directory of config.toml, not to the working directory,
//     which a service does not choose. (move_to is relative to its watch folder.)
//   - Durations, sizes and rates are text with a unit ("5s", "16MiB", "5MB/s").
//   - No Problem, error, log record or formatted Config holds an API key or secret.
package config

import (
	"log/slog"
	"time"
)

// DefaultBaseURL is where Scenario's public API is, by its public reference.
const DefaultBaseURL = "https://api.cloud.scenario.com/v1"

// How many collections are made for a folder's subfolders without being asked, and the most
// that can be asked for.
const (
	DefaultMaxNewCollections = 50
	MaxNewCollections        = 100_000
	MaxTags                  = 50
	MaxTag                   = 100 // bytes; Scenario's own limit is not documented
)

// DefaultListen is the address of the status page where the file names none.
const DefaultListen = "127.0.0.1:8490"

// DefaultVersionInterval is how far apart versions of a file are where the file does not say.
const DefaultVersionInterval = 30 * time.Second

// Bounds of values in the file. The part size is a rule of S3, which stores the parts.
const (
	MinPartSize    = 5 << 20 // bytes
	MaxPartSize    = 5 << 30 // bytes
	MaxFilesAtOnce = 64
	MaxConnections = 256
	MinRate        = 1000                   // bytes a second: below, no part would ever get through
	MinSettle      = 100 * time.Millisecond // or 0: a file counts as finished as soon as no program has it open
	MaxSettle      = 24 * time.Hour
	MaxVersionWait = 24 * time.Hour // the longest interval between versions of a file
	MinRescan      = time.Second
	MaxRescan      = 7 * 24 * time.Hour
)

// Config is a whole, checked config.toml with its defaults filled in. It is not
// changed after Load; copies may be shared between goroutines.
type Config struct {
	File    string // absolute path it was read from; "" for one made in memory
	DataDir string // absolute; need not exist yet
	// DataBeside: the file names no data_dir, and lies in none of the usual places.
	DataBeside bool

	Scenario Scenario
	Upload   Upload
	Status   Status
	Log      Log
	Watches  []Watch // in the order of the file, at least one after Load

	// Warnings are worth saying but keep nothing from running, such as a file with a
	// secret that other users of the machine can read.
	Warnings []Problem

	// For Follow, to see a change since: the files it was read from, config.toml first.
	files    []string
	contents [][]byte // only while loading
	sum      digest
}

// Scenario says whom to talk to, and as whom.
type Scenario struct {
	BaseURL     string // no slash at the end; https, or http to a loopback address
	ProjectID   string // "": the key's default project
	Credentials Credentials

	// Account names the account in the ledger where the address does not: the demo's test
	// server has another port each time. No config file can set it.
	Account string
}

// Upload bounds how much is sent at once.
type Upload struct {
	FilesAtOnce int   // 0…MaxFilesAtOnce; 0: chosen by itself
	Connections int   // parts in flight over all files, 0…MaxConnections; 0: chosen by itself
	PartSize    int64 // bytes, MinPartSize…MaxPartSize; 0: chosen by itself
	Bandwidth   Bandwidth
}

// Status is the status page.
type Status struct {
	Listen       string // host:port; "": the page is off
	PasswordFile string // absolute; "" only where nobody but this machine reaches the page
	Page         Page
}

// Log is what the daemon writes about itself.
type Log struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// Watch is one watched folder and what becomes of its files.
type Watch struct {
	Path                 string   // absolute and clean, ~ expanded; not resolved through symlinks
	Kind                 string   // "image", "3d", "audio", "video", "model", "avatar", "asset", "text" or "auto"
	OtherKinds           string   // "hold" or "send": a file that is of another kind than Kind
	CollectionIDs        []string // never with the same id twice
	Collections          []string // by name, made when missing; never with the same name twice
	SubfolderCollections bool     // only with Recursive
	MaxNewCollections    int      // to make for subfolders
	Existing             string   // "send" or "skip": files that are there when the folder is added
	Tags                 []string // at most MaxTags, none twice, each at most MaxTag bytes
	Recursive            bool
	Include, Exclude     []string      // doublestar patterns, checked; no Include: everything
	Settle               time.Duration // how long a file must be unchanged; 0 with SettleAuto
	SettleAuto           bool          // chosen by filesystem
	VersionInterval      time.Duration // 0…MaxVersionWait; versions of one file are at least so far apart
	Hide                 bool          // never with kind "model"
	ParentID             string        // never with kind "model"
	OnChange             string        // "version", "new" or "ignore"; never "version" with kind "model"
	AfterUpload          string        // "keep", "move" or "trash"
	MoveTo               string        // absolute; need not exist yet; used when AfterUpload is "move"
	MaxSize              int64         // bytes; 0: none
	Poll                 string        // "auto", "always" or "never"
	Rescan               time.Duration // MinRescan…MaxRescan; 0: chosen by itself
	Line                 int           // of its [[watch]] in the file, from 1; 0 for one made in memory
}

// Default is what an empty file means, without a folder to watch and without
// credentials: the start for a config made in memory, such as that of `demo`. Its
// DataDir is the one of a config in this user's usual place.
func Default() *Config {
	return &Config{
		DataDir:  DefaultDataDir(UserFile()),
		Scenario: Scenario{BaseURL: DefaultBaseURL},
		Upload:   Upload{},
		Status:   Status{Listen: DefaultListen},
		Log:      Log{Level: slog.LevelInfo, Format: "text"},
	}
}

// DefaultWatch is what a [[watch]] with nothing but path means. path must be absolute.
func DefaultWatch(path string) Watch {
	return Watch{
		Path:              path,
		Kind:              "auto",
		OtherKinds:        "hold",
		Existing:          "send",
		Recursive:         true,
		MaxNewCollections: DefaultMaxNewCollections,
		SettleAuto:        true,
		VersionInterval:   DefaultVersionInterval,
		OnChange:          "version",
		AfterUpload:       "keep",
		MoveTo:            moveTo(path, defaultMoveTo),
		Poll:              "auto",
	}
}
