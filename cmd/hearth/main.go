// Command hearth is the whole of Hearth in one program.
//
// It must only hand over what the operating system gave it; everything else is in app.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"hearth/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := app.Run(ctx, os.Args[1:], app.Outside{Env: os.LookupEnv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hearth:", err)
		os.Exit(1)
	}
}
