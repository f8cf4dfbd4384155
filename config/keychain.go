package config

import (
	"time"

	"github.com/zalando/go-keyring"
)

// KeychainService is the service under which the OS keychain (Keychain, Credential
// Manager, Secret Service) holds the two credentials, with EnvKey and EnvSecret as
// the account names.
const KeychainService = "scenario-drop"

// keychainWait bounds what a keychain may take: one that asks a person for its
// password would block a daemon for ever.
const keychainWait = 5 * time.Second

// keychain asks for the credentials. A keychain that is not there, locked, slow or
// empty gives none.
func (l Loader) keychain() Credentials {
	get := l.Keychain
	if get == nil {
		if !keychainThere(l.getenv) {
			return Credentials{}
		}
		get = func(account string) (string, error) { return keyring.Get(KeychainService, account) }
	}
	// The library knows no deadline: past it, the goroutine ends with the answer, which
	// then goes nowhere.
	answer := make(chan Credentials, 1)
	go func() {
		c := Credentials{Source: "keychain"}
		var err error
		if c.Key, err = get(EnvKey); err != nil {
			c.Key = ""
		}
		if c.Secret, err = get(EnvSecret); err != nil {
			c.Secret = ""
		}
		answer <- c
	}()
	wait := time.NewTimer(keychainWait)
	defer wait.Stop()
	select {
	case c := <-answer:
		return c
	case <-wait.C:
		return Credentials{}
	}
}
