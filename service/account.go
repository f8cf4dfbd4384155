package service

import (
	"errors"
	"fmt"
	"io/fs"

	"scenario-drop/config"
)

// OtherAccountError says that a data directory is another account's, which lets nobody
// else in, so that nothing can be told of it.
type OtherAccountError struct {
	Dir   string
	Owner string // account; "" when unknown
}

func (e *OtherAccountError) Error() string {
	owner := "another account"
	if e.Owner != "" {
		owner = "the account " + e.Owner
	}
	return fmt.Sprintf("the data_dir %q belongs to %s, which lets no other account look into it", e.Dir, owner)
}

// ExplainAccount makes a refusal of the operating system in a data directory that is
// another account's an *OtherAccountError.
func ExplainAccount(err error, dir string) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	owner, we := config.OwnerOf(dir)
	if we {
		return err
	}
	return &OtherAccountError{Dir: dir, Owner: owner}
}
