package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"scenario-drop/file"
)

// AskAs says how to run a command as another account; "" where the account is not known.
func AskAs(account string, command ...string) string {
	if account == "" {
		return ""
	}
	for i, word := range command {
		if strings.ContainsFunc(word, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", r)
		}) || word == "" {
			command[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	line := "scenario-drop " + strings.Join(command, " ")
	switch {
	case runtime.GOOS == "windows":
		return "in a terminal of that account, or one that was started as administrator: " + line
	case account == "root":
		return "sudo " + line
	}
	return "sudo -u " + account + " " + line
}

// OwnerOf names the account that a path belongs to, or where that may not be asked, the
// folder it lies in; "" where it cannot be told.
func OwnerOf(path string) (name string, we bool) {
	for at := path; ; at = filepath.Dir(at) {
		if name, we = file.Owner(at); name != "" || at == filepath.Dir(at) {
			return name, we
		}
	}
}

// unreadable is a config that cannot be read, which may be another account's.
func unreadable(name, path string, err error) Problems {
	p := Problem{File: name, Message: "this file cannot be read: " + reason(err)}
	if errors.Is(err, fs.ErrPermission) {
		if owner, we := OwnerOf(path); owner != "" && !we {
			p.Message = "this file belongs to the account " + owner + ", which lets no other read it"
			p.Hint = "ask as it: " + AskAs(owner, "status")
		}
	}
	return Problems{p}
}
