//go:build !soak

package uploader

import "time"

// hours is how long the tests of many hours go on, in virtual time.
const hours = 2 * time.Hour
