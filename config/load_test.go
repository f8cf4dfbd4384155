package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// watchIn is a good watch folder for the end of a config.
const watchIn = "[[watch]]\npath = 'in'\n"

func TestEveryWrongKind(t *testing.T) {
	tests := []struct {
		name    string
		content string
		want    []string // "line:column message part | hint part", in the order of the file
	}{
		// Keys.
		{"unknown key", watchIn + "collection_id = ['c']\n", []string{"3:1 unknown key `collection_id` under [[watch]] | did you mean `collection_ids`?"}},
		{"unknown key in another case", watchIn + "  Kind = 'image'\n", []string{"3:3 unknown key `Kind` | did you mean `kind`?"}},
		{"unknown key with dashes", watchIn + "on-change = 'new'\n", []string{"3:1 unknown key `on-change` | did you mean `on_change`?"}},
		{"unknown key, like none", watchIn + "colour = 1\n", []string{"3:1 unknown key `colour` | config.example.toml"}},
		{"unknown quoted key after an umlaut", watchIn + "kind = 'auto'\n'ä b' = 1\n", []string{"4:1 unknown key `ä b` | "}},
		{"unknown heading", "[uplaod]\nconnections = 1\n" + watchIn, []string{"1:2 unknown key `uplaod` | did you mean `upload`?"}},
		{"unknown heading, like none", "[server]\n" + watchIn, []string{"1:2 unknown key `server` | the headings are"}},
		{"key under the wrong heading", "[upload]\nbase_url = 'x'\n" + watchIn, []string{"2:1 unknown key `base_url` under [upload] | belongs under [scenario]"}},
		{"top key under a heading", "[log]\ndata_dir = 'x'\n" + watchIn, []string{"2:1 unknown key `data_dir` under [log] | belongs at the top of the file"}},
		{"watch key at the top", "path = 'in'\n" + watchIn, []string{"1:1 unknown key `path` | belongs under [[watch]]"}},
		{"unknown dotted key", "log.levle = 'info'\n" + watchIn, []string{"1:5 unknown key `levle` under [log] | did you mean `level`?"}},
		{"unknown key of an inline table", "log = { level = 'info', frmat = 'text' }\n" + watchIn, []string{"1:25 unknown key `frmat` under [log] | did you mean `format`?"}},
		{"unknown key of a second folder", watchIn + "[[watch]]\npath = '.'\ninclude = ['none']\npol = 'auto'\n", []string{"4:8 the program's own `data_dir` lies in this watch folder | set data_dir", "6:1 unknown key `pol` | did you mean `poll`?"}},
		{"after a multi-line string", "data_dir = \"\"\"\\\n  data\\\n  \"\"\"\nx = 1\n" + watchIn, []string{"4:1 unknown key `x` | "}},
		{"after a multi-line array", watchIn + "include = [\n  '*.png', # ]\n  \"a]\",\n]\nx = 1\n", []string{"7:1 unknown key `x` | "}},

		// Types.
		{"number for text", "[log]\nlevel = 5\n" + watchIn, []string{"2:9 `level` must be text, not a number | write it in quotes, for example \"info\""}},
		{"text for true", watchIn + "recursive = 'yes'\n", []string{"3:13 `recursive` must be true or false, not text | without quotes"}},
		{"text for a number", "[upload]\nconnections = '4'\n" + watchIn, []string{"2:15 `connections` must be a whole number, not text | without quotes"}},
		{"text for a list", watchIn + "collections = 'Orcs'\n", []string{"3:15 `collections` must be a list of texts, not text | in square brackets, for example [\"Characters\"]"}},
		{"number in a list", watchIn + "include = ['*.png',\n  7]\n", []string{"4:3 `include` must hold texts only, not a number | in quotes"}},
		{"bare number for a duration", watchIn + "settle = 5\n", []string{"3:10 `settle` must be a duration, not a number | in quotes with its unit, for example \"5s\""}},
		{"bare number for a size", "[upload]\npart_size = 16\n" + watchIn, []string{"2:13 `part_size` must be a size, not a number | for example \"16MiB\""}},
		{"bare number for a rate", "[upload]\nbandwidth = 5\n" + watchIn, []string{"2:13 `bandwidth` must be a rate or a timetable, not a number | \"5MB/s\""}},
		{"date for text", "data_dir = 2026-01-02\n" + watchIn, []string{"1:12 `data_dir` must be text, not a date or time | in quotes"}},
		{"text for a table", "upload = 'fast'\n" + watchIn, []string{"1:10 `upload` must be a table, not text | write [upload]"}},
		{"watch in single brackets", "[watch]\npath = 'in'\n", []string{"1:1 `watch` must be a list of tables, not a table | [[watch]] in double brackets"}},

		// Values.
		{"no folder", "", []string{"1:1 there is no folder to watch | [[watch]]"}},
		{"folder without a path", "[[watch]]\nkind = 'image'\n", []string{"1:1 this [[watch]] names no `path` | path ="}},
		{"folder with an empty path", "[[watch]]\npath = ''\n", []string{"2:8 `path` is empty | name the folder"}},
		{"folder that is the config", "[[watch]]\npath = 'config.toml'\n", []string{"2:8 config.toml lies in this watch folder | move"}},
		{"folder of another user", "[[watch]]\npath = '~bob/Art'\n", []string{"2:8 `path` begins with the home folder of another user | whole path"}},
		{"a folder twice", watchIn + "[[watch]]\npath = './in/../in'\n", []string{"4:8 this folder is watched twice, first in line 1 | keep one"}},
		{"unknown kind", watchIn + "kind = 'imgae'\n", []string{"3:8 `kind` must be one of \"image\", \"3d\" | did you mean \"image\"?"}},
		{"unknown on_change", watchIn + "on_change = 'replace'\n", []string{"3:13 `on_change` must be one of \"version\", \"new\" and \"ignore\" | the default is \"version\""}},
		{"unknown after_upload", watchIn + "after_upload = 'delete'\n", []string{"3:16 `after_upload` must be one of | the default is \"keep\""}},
		{"unknown poll", watchIn + "poll = 'sometimes'\n", []string{"3:8 `poll` must be one of | the default is \"auto\""}},
		{"unknown level", "[log]\nlevel = 'warning'\n" + watchIn, []string{"2:9 `level` must be one of | the default is \"info\""}},
		{"unknown format", "[log]\nformat = 'jsn'\n" + watchIn, []string{"2:10 `format` must be one of \"text\" and \"json\" | did you mean \"json\"?"}},
		{"bad glob", watchIn + "include = ['**/*.png', '**/[a']\n", []string{"3:24 a pattern in `include` is not complete | close every ["}},
		{"glob with backslashes", watchIn + "exclude = ['wip\\**']\n", []string{"3:12 must not hold a backslash | write /"}},
		{"absolute glob", watchIn + "exclude = ['/wip/**']\n", []string{"3:12 must be relative to the watch folder | **/wip/**"}},
		{"empty glob", watchIn + "include = ['']\n", []string{"3:12 an empty pattern in `include` | **/*.png"}},
		{"no duration", watchIn + "settle = 'soon'\n", []string{"3:10 `settle` is no duration | for example \"5s\""}},
		{"days as a duration", watchIn + "rescan = '1d'\n", []string{"3:10 `rescan` is no duration | ms, s, m or h"}},
		{"duration out of range", watchIn + "settle = '25h'\n", []string{"3:10 `settle` must be from 0s to 24h | chosen automatically"}},
		{"settle below its minimum", watchIn + "settle = '50ms'\n", []string{"3:10 `settle` must be 0s, or from 100ms to 24h | 0s"}},
		{"settle of nothing is none of them", watchIn + "settle = '0s'\n", nil},
		{"an interval between versions of days", watchIn + "version_interval = '25h'\n", []string{"3:20 `version_interval` must be from 0s to 24h | "}},
		{"an interval between versions without a unit", watchIn + "version_interval = 30\n", []string{"3:20 `version_interval` must be | \"30s\""}},
		{"no interval between versions", watchIn + "version_interval = '0s'\n", nil},
		{"a control character in a path", "[[watch]]\npath = \"D:\\new\\textures\"\n", []string{"2:8 `path` holds a control character, which a backslash | 'D:\\new\\textures'"}},
		{"a control character in move_to", watchIn + "after_upload = 'move'\nmove_to = \"done\\new\"\n", []string{"4:11 `move_to` holds a control character, which a backslash | 'done\\new'"}},
		{"a variable in data_dir", "data_dir = '$HOME/drop'\n" + watchIn, []string{"1:12 `data_dir` holds the environment variable $HOME | ~"}},
		{"several patterns in one text", watchIn + "include = ['a', '*.png;*.jpg']\n", []string{"3:17 a pattern in `include` holds several patterns in one text | [\"*.png\", \"*.jpg\"]"}},
		{"size without a unit", watchIn + "max_size = '16'\n", []string{"3:12 `max_size` is no size | with its unit"}},
		{"size with a comma", watchIn + "max_size = '1,5GB'\n", []string{"3:12 `max_size` is no size | with its unit"}},
		{"size of nothing", watchIn + "max_size = '0B'\n", []string{"3:12 `max_size` must be at least 1B | no limit"}},
		{"part too small", "[upload]\npart_size = '4MiB'\n" + watchIn, []string{"2:13 `part_size` must be from 5.0MiB to 5.0GiB | chosen automatically"}},
		{"part too large", "[upload]\npart_size = '6GiB'\n" + watchIn, []string{"2:13 `part_size` must be from | "}},
		{"small images have no way of their own any more", "[upload]\nsmall_images = 'direct'\n" + watchIn, []string{"2:1 unknown key `small_images` under [upload] | remove it"}},
		{"too many connections", "[upload]\nconnections = 257\nfiles_at_once = -1\n" + watchIn, []string{"2:15 `connections` must be from 0 to 256 | ", "3:17 `files_at_once` must be from 0 to 64 | "}},
		{"id with a space", watchIn + "collection_ids = ['a', 'My Orcs']\n", []string{"3:24 this is no id of a collection | `collections`"}},
		{"the example's id", watchIn + "collection_ids = ['…']\n", []string{"3:19 this is no id of a collection | copy it"}},
		{"an id twice", watchIn + "collection_ids = ['a', 'a']\n", []string{"3:24 the same is twice in `collection_ids` | keep one"}},
		{"collection without a name", watchIn + "collections = [' ']\n", []string{"3:16 a collection without a name | "}},
		{"unknown existing", watchIn + "existing = 'ignore'\n", []string{"3:12 `existing` must be one of \"send\" and \"skip\" | the default is \"send\""}},
		{"an empty tag", watchIn + "tags = ['orc', ' ']\n", []string{"3:16 an empty tag in `tags` | name the tag"}},
		{"a tag twice", watchIn + "tags = ['orc', 'orc ']\n", []string{"3:16 the same is twice in `tags` | keep one"}},
		{"a tag in two cases", watchIn + "tags = ['Orc', 'orc']\n", []string{"3:16 `tags` has \"Orc\" and \"orc\" | keep one"}},
		{"a tag of two lines", watchIn + "tags = [\"or\\nc\"]\n", []string{"3:9 a tag in `tags` has characters that cannot be shown | one line"}},
		{"a tag too long", watchIn + "tags = ['" + strings.Repeat("o", MaxTag+1) + "']\n", []string{"3:9 a tag in `tags` has more than 100 bytes | shorten"}},
		{"too many tags", watchIn + "tags = ['" + strings.Join(manyTags(), "','") + "']\n", []string{"3:8 `tags` has 51 tags, and may have 50 | keep"}},
		{"no project id", "[scenario]\nproject_id = 'My project'\n" + watchIn, []string{"2:14 `project_id` is no id of Scenario's | copy it"}},
		{"subfolders without recursion", watchIn + "recursive = false\nsubfolder_collections = true\n", []string{"4:25 `subfolder_collections` has no effect | recursive = true"}},
		{"other kinds that are none", watchIn + "kind = 'image'\nother_kinds = 'yes'\n", []string{"4:15 `other_kinds` must be one of \"hold\" and \"send\""}},
		{"a model's options", watchIn + "kind = 'model'\nhide = true\nparent_id = 'a'\non_change = 'version'\n", []string{
			"4:8 a model cannot have `hide` | remove", "5:13 a model cannot have a `parent_id` | remove", "6:13 `on_change` must not be \"version\" | \"new\""}},
		{"move to itself", watchIn + "after_upload = 'move'\nmove_to = '.'\n", []string{"4:11 `move_to` is the watch folder itself | another folder"}},
		{"data in a watch folder", "data_dir = 'in/data'\n" + watchIn, []string{"3:8 the program's own `data_dir` lies in this watch folder | outside"}},
		{"data that is a file", "data_dir = 'config.toml'\n" + watchIn, []string{"1:12 `data_dir` is no folder | "}},
		{"config in a watch folder", "[[watch]]\npath = '.'\n", []string{"2:8 the program's own `data_dir` lies in this watch folder | set data_dir", "2:8 config.toml lies in this watch folder and would be uploaded | exclude"}},

		// Addresses.
		{"http to elsewhere", "[scenario]\nbase_url = 'http://api.example.com/v1'\n" + watchIn, []string{"2:12 would send the API key unencrypted | https://"}},
		{"another scheme", "[scenario]\nbase_url = 'ftp://api.example.com'\n" + watchIn, []string{"2:12 must begin with https:// | "}},
		{"no address", "[scenario]\nbase_url = 'api.example.com'\n" + watchIn, []string{"2:12 is no web address | for example"}},
		{"an address with a password", "[scenario]\nbase_url = 'https://u:p@api.example.com'\n" + watchIn, []string{"2:12 must not hold a user name or password | api_key"}},
		{"an address with a query", "[scenario]\nbase_url = 'https://api.example.com?x=1'\n" + watchIn, []string{"2:12 without a query | "}},
		{"listen without a port", "[status]\nlisten = '127.0.0.1'\n" + watchIn, []string{"2:10 `listen` must be an address and a port | \"off\""}},
		{"listen with too high a port", "[status]\nlisten = '127.0.0.1:70000'\n" + watchIn, []string{"2:10 `listen` must be an address and a port | \"off\""}},
		{"listen to all without a password", "[status]\nlisten = ':8490'\n" + watchIn, []string{"2:10 needs a password | password_file", "2:10 names that are listed in `hosts` | hosts =", "2:10 would cross the network unencrypted | behind_proxy"}},
		{"listen to a name without a password", "[status]\nlisten = 'studio-7:8490'\nhosts = ['studio-7']\nbehind_proxy = true\n" + watchIn, []string{"2:10 needs a password | password_file"}},
		{"a proxy before the page without a password", "[status]\nbehind_proxy = true\nhosts = ['studio-7']\n" + watchIn, []string{"2:16 `behind_proxy` lets other machines see the status page, which needs a password | password_file"}},
		{"hosts that are none", "[status]\nhosts = ['http://x', 'a b', 'x:8490', '*.example']\npassword_file = 'config.toml'\n" + watchIn, []string{"2:10 no name of a host | without http://", "2:22 no name of a host | ", "2:29 no name of a host | ", "2:39 no name of a host | ", "3:17 has more than one line | 12 characters"}},
		{"half a certificate", "[status]\ntls_cert = 'config.toml'\n" + watchIn, []string{"2:12 `tls_cert` is set, but `tls_key` is not | both files"}},
		{"a certificate that is none", "[status]\ntls_cert = 'config.toml'\ntls_key = 'config.toml'\n" + watchIn, []string{"2:12 no certificate and its key | PEM"}},
		{"a certificate that is not there", "[status]\ntls_cert = 'none.crt'\ntls_key = 'none.key'\n" + watchIn, []string{"2:12 none.crt cannot be read: it does not exist | path"}},
		{"password file that is not there", "[status]\npassword_file = 'pw'\n" + watchIn, []string{"2:17 cannot be read: it does not exist | "}},
		{"password file that is a folder", "[status]\npassword_file = 'in'\n" + watchIn, []string{"2:17 cannot be read: it is no ordinary file | "}},

		// Rates and timetables.
		{"rate without /s", "[upload]\nbandwidth = '5MB'\n" + watchIn, []string{"2:13 `bandwidth` is no rate | \"5MB/s\""}},
		{"rate in bits", "[upload]\nbandwidth = '40Mbit/s'\n" + watchIn, []string{"2:13 not in bits | capital B"}},
		{"rate in Mb", "[upload]\nbandwidth = '40Mb/s'\n" + watchIn, []string{"2:13 not in bits | capital B"}},
		{"share of the line above all", "[upload]\nbandwidth = '100%'\n" + watchIn, []string{"2:13 from 1% to 99% | \"60%\""}},
		{"share that is no number", "[upload]\nbandwidth = 'half%'\n" + watchIn, []string{"2:13 from 1% to 99% | \"60%\""}},
		{"rate of nothing", "[upload]\nbandwidth = '1B/s'\n" + watchIn, []string{"2:13 must be at least 1kB/s | no limit"}},
		{"list of texts for a timetable", "[upload]\nbandwidth = ['5MB/s']\n" + watchIn, []string{"2:13 must be a rate or a timetable, not a list | from="}},
		{"slot with a wrong time", "[upload]\nbandwidth = [{from='9:00', to='25:00', limit='1MB/s'}]\n" + watchIn, []string{"2:20 `from` is no time of day | \"09:00\"", "2:31 `to` is no time of day | \"18:00\""}},
		{"slot with a missing limit", "[upload]\nbandwidth = [{from='09:00', to='18:00'}]\n" + watchIn, []string{"2:14 `limit` is missing in `bandwidth` | a slot is"}},
		{"slot with a typo", "[upload]\nbandwidth = [{form='09:00', to='18:00', limit='1MB/s'}]\n" + watchIn, []string{"2:14 `from` is missing | ", "2:15 unknown key `form` under [[upload.bandwidth]] | did you mean `from`?"}},
		{"slot of no length", "[upload]\nbandwidth = [{from='09:00', to='09:00', limit='1MB/s'}]\n" + watchIn, []string{"2:32 `to` is the same time as `from` | whole day"}},
		{"slot of the whole day", "[upload]\nbandwidth = [{from='00:00', to='24:00', limit='1MB/s'}]\n" + watchIn, []string{"2:32 `to` is the same time as `from` | whole day"}},
		{"slots that overlap", "[upload]\nbandwidth = [\n {from='22:00', to='06:00', limit='1MB/s'},\n {from='05:59', to='09:00', limit='2MB/s'}]\n" + watchIn, []string{"4:8 this slot overlaps the one in line 3 | end one slot"}},

		// Credentials.
		{"half a key", "[scenario]\napi_key = '" + canaryKey + "'\n" + watchIn, []string{"2:11 `api_key` is set, but `api_secret` is not | one place"}},
		{"key with a colon", "[scenario]\napi_key = '" + canaryKey + ":'\napi_secret = '" + canarySecret + "'\n" + watchIn, []string{"2:11 holds a colon | copy it again"}},
		{"secret with a space", "[scenario]\napi_key = '" + canaryKey + "'\napi_secret = '" + canarySecret + " '\n" + watchIn, []string{"3:14 holds a space | copy it again"}},
		{"secret of the wrong type", "[scenario]\napi_key = '" + canaryKey + "'\napi_secret = 12345678\n" + watchIn, []string{"3:14 `api_secret` must be text, not a number | "}},
		{"credentials file that is not there", "[scenario]\ncredentials_file = 'none'\n" + watchIn, []string{"2:20 none cannot be read: it does not exist | two lines"}},

		// Several at once, in the order of the file.
		{"many", "[log]\nlevel = 'loud'\n[upload]\npart_size = 1\n[[watch]]\nkind = 5\nfoo = 1\n", []string{
			"2:9 `level` | ", "4:13 `part_size` | ", "5:1 names no `path` | ", "6:8 `kind` must be text | ", "7:1 unknown key `foo` | "}},

		// What is not TOML.
		{"backslashes", "[[watch]]\npath = \"C:\\Users\\me\"\n", []string{"2:11 a backslash in double quotes | single quotes"}},
		{"backslashes of another letter", "[[watch]]\npath = \"C:\\me\"\n", []string{"2:11 a backslash in double quotes | single quotes"}},
		{"curly quotes", "[[watch]]\npath = “/tmp”\n", []string{"2:8 this is a curly quote | straight quotes"}},
		{"curly quotes around a secret", "[scenario]\napi_secret = ”" + canarySecret + "”\n", []string{"2:14 this is a curly quote | straight quotes"}},
		{"a curly quote at the end", "[[watch]]\npath = \"/tmp”\nkind = 'image'\n", []string{"2:14 the closing quote is a curly one | straight quotes"}},
		{"a backslash before the closing quote", "[[watch]]\npath = \"D:\\\"\n", []string{"2:13 a backslash before it makes it part of the text | single quotes"}},
		{"a space from a web page", "[[watch]]\npath = 'in'\n", []string{"2:5 a space of another kind | type a space"}},
		{"no quotes", "[scenario]\napi_secret = " + canarySecret + "\n", []string{"2:14 this is no value | double quotes"}},
		{"a path without quotes", "[[watch]]\npath = ~/Art\n", []string{"2:8 this is no value | double quotes"}},
		{"True", watchIn + "hide = True\n", []string{"3:8 this is no value | lower case"}},
		{"an odd number", "[scenario]\napi_secret = 0815\n", []string{"2:14 no valid number | double quotes"}},
		{"no closing quote", "[scenario]\napi_secret = \"" + canarySecret + "\nproject_id = ''\n", []string{"2:33 the closing quote is missing | \""}},
		{"no value", "[scenario]\napi_secret =\n", []string{"2:13 the value after = is missing | \"\""}},
		{"no equals sign", "[scenario]\napi_secret \"" + canarySecret + "\"\n", []string{"2:12 there is no = after this key | key = \"value\""}},
		{"a colon", "[log]\nlevel: info\n", []string{"2:6 there is no = after this key | key = \"value\""}},
		{"two on a line", "[log]\nlevel = 'info' format = 'text'\n", []string{"2:16 does not belong after the value | one key = value"}},
		{"no closing bracket", "[[watch]]\ninclude = ['a', 'b'\npath = 'in'\n", []string{"3:1 comma or the closing bracket is missing | "}},
		{"an incomplete heading", "[scenario\napi_key = ''\n", []string{"1:10 this heading is not complete | [scenario]"}},
		{"a key twice", "[log]\nlevel = 'info'\n\nlevel = 'debug'\n", []string{"4:1 `level` is there twice, first in line 2 | keep one"}},
		{"several keys twice", "[log]\nlevel = 'info'\nlevel = 'debug'\nformat = 'text'\nformat = 'json'\n", []string{"3:1 `level` is there twice | ", "5:1 `format` is there twice | "}},
		{"a key and a table", "log.level = 'info'\nlog = 'x'\n" + watchIn, []string{"2:1 `log` is there twice, first in line 1 | keep one"}},
		{"a heading twice", "[log]\n[upload]\n[log]\n", []string{"3:2 `log` is there twice, first in line 1 | keep one"}},
		{"two folders in single brackets", "[watch]\npath = 'a'\n[watch]\npath = 'b'\n", []string{"3:2 `watch` is there twice, first in line 1 | double brackets"}},
		{"a key twice below another error", "[log]\nlevel = info\nlevel = 'info'\n", []string{"2:9 this is no value | "}},
		{"not UTF-8", "[log]\nlevel = '\xff'\n", []string{"2:10 not plain UTF-8 text | UTF-8"}},
		{"UTF-16", "\xff\xfe[\x00l\x00", []string{"1:1 not plain UTF-8 text | UTF-8"}},
		{"a control character", "[log]\nlevel = '\x07'\n", []string{"2:10 control character | "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := studio(t, test.content)
			loader := withKey()
			if strings.Contains(test.content, "api_key =") || strings.Contains(test.content, "credentials_file") {
				loader = alone()
			}
			c, err := loader.Load(path)
			problems := problemsOf(t, err)
			if len(problems) > 0 && c != nil {
				t.Error("a config was returned beside the problems")
			}
			if len(problems) != len(test.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(problems), len(test.want), err)
			}
			for i, want := range test.want {
				got := problems[i]
				place, rest, _ := strings.Cut(want, " ")
				message, hint, _ := strings.Cut(rest, "|")
				if gotPlace := fmt.Sprintf("%d:%d", got.Line, got.Column); gotPlace != place {
					t.Errorf("at %s, want %s: %v", gotPlace, place, got)
				}
				if !strings.Contains(got.Message, strings.TrimSpace(message)) && !strings.Contains(got.String(), strings.TrimSpace(message)) {
					t.Errorf("message %q, want %q", got.Message, message)
				}
				if !strings.Contains(got.Hint, strings.TrimSpace(hint)) {
					t.Errorf("hint %q, want %q", got.Hint, hint)
				}
				if got.File != path {
					t.Errorf("file %q, want %q", got.File, path)
				}
			}
			for _, secret := range []string{canaryKey, canarySecret} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the secret is in the problem: %v", err)
				}
			}
		})
	}
}

func TestProblemsAreOneLineEach(t *testing.T) {
	path := studio(t, "[log]\nlevel = 'x'\nfrmat = 'text'\n"+watchIn)
	_, err := withKey().Load(path)
	want := path + ":2:9: `level` must be one of \"debug\", \"info\", \"warn\" and \"error\" (the default is \"info\")\n" +
		path + ":3:1: unknown key `frmat` under [log] (did you mean `format`?)"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		filepath.Join(dir, "none.toml"): "it does not exist",
		dir:                             "it is no ordinary file",
	} {
		_, err := alone().Load(name)
		problems := problemsOf(t, err)
		if len(problems) != 1 || problems[0].File != name || !strings.Contains(problems[0].Message, want) {
			t.Errorf("Load(%s): %v, want %q", name, err, want)
		}
	}
	large := filepath.Join(dir, "large.toml")
	write(t, large, strings.Repeat("#", maxFile+1))
	if _, err := alone().Load(large); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("Load of a large file: %v", err)
	}
}

func TestSmallestConfig(t *testing.T) {
	path := studio(t, "[[watch]]\npath = 'in'\n")
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.File = path
	want.DataDir, want.DataBeside = c.DataDir, true
	want.Scenario.Credentials = Credentials{canaryKey, canarySecret, "environment"}
	want.Watches = []Watch{DefaultWatch(filepath.Join(filepath.Dir(path), "in"))}
	want.Watches[0].Line = 1
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{}), cmp.AllowUnexported(Bandwidth{})); diff != "" {
		t.Error(diff)
	}
	if real, err := filepath.EvalSymlinks(path); err != nil || c.DataDir != real+".data" {
		t.Errorf("data_dir is %s, %v", c.DataDir, err)
	}
}

func TestFullConfig(t *testing.T) {
	path := studio(t, `
data_dir = "state/../state/drop"
[scenario]
base_url = "http://[::1]:9000/v1/"
project_id = "proj_1"
[upload]
files_at_once = 3
connections = 12
part_size = "16MiB"
bandwidth = "5MB/s"
[status]
listen = "off"
[log]
level = "debug"
format = "json"
[[watch]]
path = "in"
kind = "3d"
other_kinds = "send"
collection_ids = ["c1", "c2"]
collections = ["Characters", " Orcs "]
subfolder_collections = true
max_new_collections = 70
tags = ["orc", " wip "]
existing = "skip"
include = ["**/*.{glb,fbx}"]
exclude = ["**/wip/**"]
settle = "1.5s"
version_interval = "1m"
hide = true
parent_id = "asset_1"
on_change = "new"
after_upload = "move"
move_to = "Done"
max_size = "1.5GB"
poll = "always"
rescan = "10m"
`)
	dir := filepath.Dir(path)
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		File:     path,
		DataDir:  filepath.Join(dir, "state/drop"),
		Scenario: Scenario{BaseURL: "http://[::1]:9000/v1", ProjectID: "proj_1", Credentials: Credentials{canaryKey, canarySecret, "environment"}},
		Upload:   Upload{3, 12, 16 << 20, Constant(Limit{Rate: 5_000_000})},
		Log:      Log{slog.LevelDebug, "json"},
		Watches: []Watch{{
			Path: filepath.Join(dir, "in"), Kind: "3d", OtherKinds: "send", Existing: "skip", CollectionIDs: []string{"c1", "c2"}, Collections: []string{"Characters", "Orcs"},
			SubfolderCollections: true, MaxNewCollections: 70, Tags: []string{"orc", "wip"}, Recursive: true, Include: []string{"**/*.{glb,fbx}"}, Exclude: []string{"**/wip/**"},
			Settle: 1500 * time.Millisecond, VersionInterval: time.Minute, Hide: true, ParentID: "asset_1", OnChange: "new", AfterUpload: "move",
			MoveTo: filepath.Join(dir, "in", "Done"), MaxSize: 1_500_000_000, Poll: "always", Rescan: 10 * time.Minute, Line: 16,
		}},
	}
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{}), cmp.AllowUnexported(Bandwidth{}, slot{})); diff != "" {
		t.Error(diff)
	}
}

func TestByteOrderMarkAndWindowsLines(t *testing.T) {
	path := studio(t, "\ufeff[log]\r\nlevel = 'x'\r\n[[watch]]\r\npath = 'in'\r\n")
	_, err := withKey().Load(path)
	problems := problemsOf(t, err)
	if len(problems) != 1 || problems[0].Line != 2 || problems[0].Column != 9 {
		t.Errorf("got %v", err)
	}
}

func TestNestedFoldersAndModelDefault(t *testing.T) {
	path := studio(t, "[[watch]]\npath = 'in'\n[[watch]]\npath = 'in/loras'\nkind = 'model'\nafter_upload = 'move'\nmove_to = '../done'\n")
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "in", "loras"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Watches) != 2 || c.Watches[1].OnChange != "new" {
		t.Errorf("got %+v", c.Watches)
	}
}

func TestMoveIntoAnotherWatchedFolder(t *testing.T) {
	path := studio(t, "[[watch]]\npath = 'in'\n[[watch]]\npath = 'b'\nafter_upload = 'move'\nmove_to = '../in/x'\n")
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := withKey().Load(path)
	if problems := problemsOf(t, err); len(problems) != 1 || problems[0].Line != 6 || !strings.Contains(problems[0].Message, "watched in line 1") {
		t.Errorf("got %v", err)
	}
}

func TestOneFolderBySymlink(t *testing.T) {
	path := studio(t, watchIn+"[[watch]]\npath = 'link'\n")
	if err := os.Symlink("in", filepath.Join(filepath.Dir(path), "link")); err != nil {
		t.Skip("no symlinks here:", err)
	}
	_, err := withKey().Load(path)
	if problems := problemsOf(t, err); len(problems) != 1 || problems[0].Line != 4 || !strings.Contains(problems[0].Message, "watched twice, first in line 1") {
		t.Errorf("got %v", err)
	}
}

func TestHomeFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := os.Mkdir(filepath.Join(home, "Art"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := withKey().Load(studio(t, "[[watch]]\npath = '~/Art'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(home, "Art"); c.Watches[0].Path != want {
		t.Errorf("path %s, want %s", c.Watches[0].Path, want)
	}
}

func TestSkipFolders(t *testing.T) {
	l := alone()
	l.SkipFolders, l.SkipCredentials = true, true
	c, err := l.Load(studio(t, "[[watch]]\npath = 'on/a/drive/that/is/off'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Scenario.Credentials != (Credentials{}) {
		t.Error("credentials were looked for")
	}
}

// The example must be right, and must say of every key what the default is.
func TestExample(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "config.example.toml"))
	if err != nil {
		t.Fatal(err)
	}
	const folder = `"~/Scenario/Characters"`
	if strings.Count(string(content), folder) != 1 {
		t.Fatal("the example does not name its folder once")
	}
	path := studio(t, strings.Replace(string(content), folder, `"in"`, 1))
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.File, want.DataDir, want.DataBeside, want.Scenario.Credentials = path, c.DataDir, true, c.Scenario.Credentials
	want.Watches = []Watch{DefaultWatch(filepath.Join(filepath.Dir(path), "in"))}
	want.Watches[0].Line = c.Watches[0].Line
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty(), cmp.AllowUnexported(Bandwidth{})); diff != "" {
		t.Errorf("the example is not the defaults:\n%s", diff)
	}

	s := newSource("config.example.toml", t.TempDir(), string(content))
	values, places, ok := s.decode()
	if !ok {
		t.Fatal(s.problems)
	}
	top := &table{source: s, values: values, node: places.root}
	withKey().read(&Config{}, top)
	for name, keys := range s.known {
		values := top.values
		switch name {
		case "":
		case watchKey:
			values = top.values[watchKey].([]map[string]any)[0]
		default:
			values, _ = top.values[name].(map[string]any)
		}
		for _, key := range keys {
			if _, ok := values[key]; !ok {
				t.Errorf("the example lacks `%s` of %q", key, name)
			}
		}
	}
}

// What is wrong with the disk is no problem of the config, and is told with its line.
func TestUnavailableFolders(t *testing.T) {
	path := studio(t, "[[watch]]\npath = 'nowhere'\n[[watch]]\npath = 'in'\n[[watch]]\npath = 'file'\n[[watch]]\npath = 'disk/below'\nafter_upload = 'move'\nmove_to = '../gone/Uploaded'\n")
	write(t, filepath.Join(filepath.Dir(path), "file"), "")
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Watches) != 4 || len(c.Warnings) != 3 {
		t.Fatalf("%d folders, %v", len(c.Watches), c.Warnings)
	}
	for i, want := range []string{"config.toml:2:8: the folder ", "config.toml:6:8: ", "config.toml:8:8: the folder "} {
		if w := c.Warnings[i].String(); !strings.Contains(w, want) || !strings.Contains(w, "it is watched once it ") || !strings.Contains(w, "the other folders are watched meanwhile") {
			t.Errorf("%s", w)
		}
	}
	// What the text says wrong stays wrong, wherever the folders are.
	write(t, path, "[[watch]]\npath = 'nowhere'\n[[watch]]\npath = './nowhere'\n[[watch]]\npath = 'disk'\nsettle = 5\n")
	_, err = withKey().Load(path)
	if problems := problemsOf(t, err); len(problems) != 2 {
		t.Errorf("%v", err)
	}
}

// What a service has from elsewhere is no problem of its config; what the text says is.
func TestLoadForAService(t *testing.T) {
	l := alone()
	l.ForAService = true
	l.Getenv = environment(EnvKey, "half")
	path := studio(t, watchIn)
	if _, err := l.Load(path); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"nonsense = 1\n" + watchIn, "[scenario]\napi_key = 'half'\n" + watchIn, "[scenario]\ncredentials_file = 'none'\n" + watchIn} {
		write(t, path, bad)
		if _, err := l.Load(path); len(problemsOf(t, err)) != 1 {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// manyTags is one more tag than a folder may have.
func manyTags() (all []string) {
	for i := range MaxTags + 1 {
		all = append(all, fmt.Sprint("tag", i))
	}
	return all
}
