//go:build !linux

package main

import (
	"context"
	"errors"
)

var errNoLine = errors.New("slow lines are measured on Linux only, with network namespaces")

func runLine(context.Context, []string) error { return errNoLine }

func (b *bench) lines(context.Context, []string) error { return errNoLine }
